"""The body of a request for a payment link."""

from typing import Annotated

from pydantic import Field

from paylatch.runtime.request_fields import ReturnAddress
from paylatch.runtime.request_models import Body


class PayLinkBody(Body):
    """A request for an order's payment link."""

    renew: Annotated[bool, Field(description="Whether another link takes the place of the one that there is")] = False
    return_url: Annotated[
        ReturnAddress | None,
        Field(description="Where the page sends payers on; missing: where it did before"),
    ] = None

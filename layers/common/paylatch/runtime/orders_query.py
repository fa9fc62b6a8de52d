"""The query of a list of orders: its permitted parameters, and their conversion to the domain's filter."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from paylatch.domain.listing import LARGEST_LISTING, LONGEST_CURSOR, OrderFilter
from paylatch.domain.order import PaymentStatus
from paylatch.runtime.request_models import Code

_NUMBER = re.compile(r"[0-9]{1,3}")


def _size_of_page(text: str) -> str:
    if _NUMBER.fullmatch(text) is None or not 1 <= int(text) <= LARGEST_LISTING:
        raise ValueError(f"must be a whole number from 1 to {LARGEST_LISTING}")
    return text


class OrdersQuery(BaseModel):
    """A list's filter, the size of its pages, and where the page begins. Unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid")

    seller_id: Code | None = None
    buyer_id: Code | None = None
    reference: Code | None = None
    status: PaymentStatus | None = None
    limit: Annotated[str, AfterValidator(_size_of_page)] = str(LARGEST_LISTING)
    cursor: Annotated[str, Field(min_length=1, max_length=LONGEST_CURSOR)] | None = None

    @property
    def wanted(self) -> OrderFilter:
        """The domain's filter."""
        return OrderFilter(
            seller_id=self.seller_id, buyer_id=self.buyer_id, reference=self.reference, status=self.status
        )

"""Request bodies: what they may hold, and the domain's nouns that they become."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from paylatch.domain.currencies import CURRENCIES
from paylatch.domain.documents import content_document
from paylatch.domain.errors import InvalidRequest
from paylatch.domain.order import Content, Line
from paylatch.runtime.merge_patch import merged

LARGEST_TOTAL = 10**12
MOST_FAULTS = 20
LONGEST_NAME = 40
# What the validators below mean, as far as a pattern can say it: for the contract.
_CONTROL = r"\u0000-\u001f\u007f-\u00a0"
_PRINTABLE: dict[str, JsonValue] = {"pattern": f"^[^{_CONTROL}]*[^\\s{_CONTROL}][^{_CONTROL}]*$"}
_CURRENCY: dict[str, JsonValue] = {"enum": [*sorted(CURRENCIES)]}


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http or https URL")
    return text


def _active_currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError("must be an ISO 4217 currency code")
    return code


def _printable(text: str) -> str:
    if not text.isprintable() or not text.strip():
        raise ValueError("must be printable text")
    return text


Model = TypeVar("Model", bound=BaseModel)
Name = Annotated[str, Field(min_length=1, max_length=200, json_schema_extra=_PRINTABLE), AfterValidator(_printable)]
Code = Annotated[str, Field(min_length=1, max_length=64, json_schema_extra=_PRINTABLE), AfterValidator(_printable)]


class Body(BaseModel):
    """No unknown fields, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True)


class LineBody(Body):
    """One line of an order; the price in minor units."""

    sku: Code
    name: Name
    quantity: Annotated[int, Field(ge=1, le=10_000)]
    unit_price: Annotated[int, Field(ge=0, le=10**10)]


class AddressBody(Body):
    """Where an order goes."""

    recipient: Name
    line1: Name
    line2: Name | None = None
    city: Name
    region: Name | None = None
    postal_code: Code
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    phone: Code | None = None


class ContentBody(Body):
    """The part of an order that can be edited."""

    lines: Annotated[list[LineBody], Field(min_length=1, max_length=200)]
    shipping_address: AddressBody | None = None
    note: Annotated[str, Field(max_length=2000)] | None = None

    def content(self) -> Content:
        """The domain's content. Raises `InvalidRequest` where the lines cost nothing, or too much to be true."""
        address = self.shipping_address.model_dump(exclude_none=True) if self.shipping_address else None
        content = Content(tuple(Line(**line.model_dump()) for line in self.lines), address, self.note)
        if not 1 <= content.total <= LARGEST_TOTAL:
            raise InvalidRequest({"lines": f"must cost between 1 and {LARGEST_TOTAL} minor units together"})
        return content


class OrderBody(ContentBody):
    """A new order."""

    reference: Code
    buyer_id: Annotated[Code, Field(description="The `sub` of the buyer's token")]
    seller_id: Annotated[Code, Field(description="The `sub` of the seller's token")]
    currency: Annotated[str, Field(json_schema_extra=_CURRENCY), AfterValidator(_active_currency)]


class PaymentBody(Body):
    """A payment request; `expires_in` in seconds."""

    return_url: Annotated[str, Field(max_length=512, pattern="^https?://[!-~]+$"), AfterValidator(_web_address)]
    gateway: Annotated[str, Field(pattern="^[a-z0-9_]{1,32}$")] | None = None
    expires_in: Annotated[int, Field(ge=60, le=86_400)] = 900


class ReasonBody(Body):
    """Why an operator does something; the order's history keeps it."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class ResolutionBody(ReasonBody):
    """An operator's decision about a payment under review."""

    action: Literal["settle", "refund"]


def parsed(model: type[Model], document: Any) -> Model:
    """The body as that model. Raises `InvalidRequest` with the first faults, each by its field, and how many more."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        named = {_field(fault["loc"]): _said(fault["msg"]) for fault in faults[:MOST_FAULTS]}
        raise InvalidRequest(named, more=max(0, len(faults) - MOST_FAULTS)) from None


def edited(content: Content, patch: Mapping[str, Any]) -> Content:
    """The content with a merge patch applied. Raises `InvalidRequest`, also for taking away what content never has."""
    unknown = {name: value for name, value in patch.items() if name not in ContentBody.model_fields}
    return parsed(ContentBody, {**merged(content_document(content), patch), **unknown}).content()


def _field(location: tuple[int | str, ...]) -> str:
    return ".".join(_shortened(str(step)) for step in location) or "body"


def _shortened(name: str) -> str:
    # What a client calls a field may be as long as its body.
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _said(message: str) -> str:
    # Pydantic puts this before what our own checks say.
    return message.removeprefix("Value error, ")

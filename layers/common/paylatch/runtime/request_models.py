"""Request bodies and queries: their permitted content, and their conversion to domain objects."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from paylatch.domain.currencies import CURRENCIES
from paylatch.domain.documents import content_document
from paylatch.domain.errors import InvalidRequest
from paylatch.domain.limits import LARGEST_TOTAL, LONGEST_LOCK, SHORTEST_LOCK
from paylatch.domain.listing import LARGEST_LISTING, LONGEST_CURSOR, OrderFilter
from paylatch.domain.order import Content, Line, PaymentStatus
from paylatch.domain.return_address import ADDRESS_PATTERN, LONGEST_ADDRESS, fault_in_address
from paylatch.runtime.merge_patch import merged
from paylatch.runtime.text_rules import LINE_PATTERN, NOTE_PATTERN, line_of_text, note_text

LARGEST_QUANTITY = 1_000_000
MOST_FAULTS = 20
LONGEST_NAME = 40
LONGEST_CODE = 64
_NUMBER = re.compile(r"[0-9]{1,3}")
# The validators' rules as patterns for the contract; the validators give messages in words.
_LINE: dict[str, JsonValue] = {"pattern": LINE_PATTERN}
_NOTE: dict[str, JsonValue] = {"pattern": NOTE_PATTERN}
_ADDRESS: dict[str, JsonValue] = {"pattern": ADDRESS_PATTERN}
_CURRENCY: dict[str, JsonValue] = {"enum": [*sorted(CURRENCIES)]}


def _return_address(text: str) -> str:
    if fault := fault_in_address(text):
        raise ValueError(fault)
    return text


def _active_currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError("must be an ISO 4217 currency code")
    return code


def _size_of_page(text: str) -> str:
    if _NUMBER.fullmatch(text) is None or not 1 <= int(text) <= LARGEST_LISTING:
        raise ValueError(f"must be a whole number from 1 to {LARGEST_LISTING}")
    return text


Model = TypeVar("Model", bound=BaseModel)
Name = Annotated[str, Field(min_length=1, max_length=200, json_schema_extra=_LINE), AfterValidator(line_of_text)]
Code = Annotated[
    str, Field(min_length=1, max_length=LONGEST_CODE, json_schema_extra=_LINE), AfterValidator(line_of_text)
]
Note = Annotated[str, Field(max_length=2000, json_schema_extra=_NOTE), AfterValidator(note_text)]
Reason = Annotated[str, Field(min_length=1, max_length=500, json_schema_extra=_LINE), AfterValidator(line_of_text)]
ReturnAddress = Annotated[
    str, Field(max_length=LONGEST_ADDRESS, json_schema_extra=_ADDRESS), AfterValidator(_return_address)
]


class Body(BaseModel):
    """A body without unknown fields and without silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True)


class LineBody(Body):
    """A line of an order; prices in minor units."""

    sku: Code
    name: Name
    quantity: Annotated[int, Field(ge=1, le=LARGEST_QUANTITY)]
    unit_price: Annotated[int, Field(ge=0, le=LARGEST_TOTAL)]


class AddressBody(Body):
    """A delivery address. Postal code and city are optional, because not every country or place has them."""

    recipient: Name
    line1: Name
    line2: Name | None = None
    city: Name | None = None
    region: Name | None = None
    postal_code: Code | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    phone: Code | None = None


class ContentBody(Body):
    """The editable part of an order."""

    lines: Annotated[list[LineBody], Field(min_length=1, max_length=200)]
    shipping_address: AddressBody | None = None
    note: Note | None = None

    def content(self) -> Content:
        """The domain's content. Raises `InvalidRequest` where the total is below 1 or above the limit."""
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
    unique_reference: Annotated[
        bool, Field(description="Whether no other order of the seller may claim this reference")
    ] = False
    currency: Annotated[str, Field(json_schema_extra=_CURRENCY), AfterValidator(_active_currency)]


class PaymentBody(Body):
    """A payment request; `expires_in` in seconds, the stack's `DefaultLock` where it is missing."""

    return_url: ReturnAddress
    gateway: Annotated[str, Field(pattern="^[a-z0-9_]{1,32}$")] | None = None
    expires_in: (
        Annotated[int, Field(ge=int(SHORTEST_LOCK.total_seconds()), le=int(LONGEST_LOCK.total_seconds()))] | None
    ) = None


class CancellationBody(Body):
    """A cancellation of a payment; `edit` is a merge patch of the order that is given back."""

    edit: dict[str, Any] = Field(default_factory=dict)


class ReasonBody(Body):
    """An operator's reason for an action; the order's history keeps it."""

    reason: Reason


class SettlementBody(Body):
    """Money that came without a gateway: `amount` in minor units of the order's currency, its total."""

    method: Literal["cash", "bank_transfer", "other"]
    amount: Annotated[int, Field(ge=0, le=LARGEST_TOTAL)]
    note: Reason


class ResolutionBody(ReasonBody):
    """An operator's decision about a payment under review."""

    action: Literal["settle", "refund"]


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


def parsed(model: type[Model], document: Any) -> Model:
    """The body as that model.

    Raises `InvalidRequest` with the first faults by field, and the number of further ones.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        named = {_field(fault["loc"]): _message(fault["msg"]) for fault in faults[:MOST_FAULTS]}
        raise InvalidRequest(named, more=max(0, len(faults) - MOST_FAULTS)) from None


def edited(content: Content, patch: Mapping[str, Any]) -> Content:
    """The content with a merge patch applied. Raises `InvalidRequest`, also for removing a required field."""
    unknown = {name: value for name, value in patch.items() if name not in ContentBody.model_fields}
    return parsed(ContentBody, {**merged(content_document(content), patch), **unknown}).content()


def _field(location: tuple[int | str, ...]) -> str:
    return ".".join(_shortened(str(step)) for step in location) or "body"


def _shortened(name: str) -> str:
    # A client's field name can be as long as its body.
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _message(message: str) -> str:
    # Pydantic puts this before the messages of our own validators.
    return message.removeprefix("Value error, ")

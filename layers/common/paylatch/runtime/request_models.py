"""Request bodies: their permitted content, and their conversion to domain objects."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from paylatch.domain.currencies import CURRENCIES
from paylatch.domain.documents import known_content_document
from paylatch.domain.editing import with_omitted_of, with_unknown_of
from paylatch.domain.errors import InvalidRequest
from paylatch.domain.limits import LARGEST_TOTAL, LONGEST_LOCK, SHORTEST_LOCK
from paylatch.domain.line_rules import refuse_invalid_lines
from paylatch.domain.order import BuyerRight, Content, Line, LineKind
from paylatch.domain.return_address import ADDRESS_PATTERN, LONGEST_ADDRESS, fault_in_address
from paylatch.runtime.merge_patch import merged
from paylatch.runtime.text_rules import LINE_PATTERN, NOTE_PATTERN, line_of_text, note_text

LARGEST_QUANTITY = 1_000_000
MOST_FAULTS = 20
LONGEST_NAME = 40
LONGEST_CODE = 64
# The validators' rules as patterns for the contract; the validators give messages in words.
_LINE: dict[str, JsonValue] = {"pattern": LINE_PATTERN}
_NOTE: dict[str, JsonValue] = {"pattern": NOTE_PATTERN}
_ADDRESS: dict[str, JsonValue] = {"pattern": ADDRESS_PATTERN}
_KIND: dict[str, JsonValue] = {"enum": [*LineKind]}
_RIGHT: dict[str, JsonValue] = {"enum": [*BuyerRight]}
_CURRENCY: dict[str, JsonValue] = {"enum": [*sorted(CURRENCIES)]}


def _return_address(text: str) -> str:
    if fault := fault_in_address(text):
        raise ValueError(fault)
    return text


def _line_kind(word: str) -> str:
    return _one_of(LineKind, word)


def _buyer_right(word: str) -> str:
    return _one_of(BuyerRight, word)


def _one_of(words: type[StrEnum], word: str) -> str:
    if word not in {*words}:
        raise ValueError(f"must be one of {', '.join(words)}")
    return word


def _active_currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError("must be an ISO 4217 currency code")
    return code


_BUYER_MAY = (
    "What the buyer may edit. Without it: all of these where every line is an item with a price, else the note alone"
)
Model = TypeVar("Model", bound=BaseModel)
Name = Annotated[str, Field(min_length=1, max_length=200, json_schema_extra=_LINE), AfterValidator(line_of_text)]
Code = Annotated[
    str, Field(min_length=1, max_length=LONGEST_CODE, json_schema_extra=_LINE), AfterValidator(line_of_text)
]
Note = Annotated[str, Field(max_length=2000, json_schema_extra=_NOTE), AfterValidator(note_text)]
Reason = Annotated[str, Field(min_length=1, max_length=500, json_schema_extra=_LINE), AfterValidator(line_of_text)]
Quantity = Annotated[int, Field(ge=1, le=LARGEST_QUANTITY)]
Right = Annotated[str, Field(json_schema_extra=_RIGHT), AfterValidator(_buyer_right)]
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
    quantity: Quantity
    unit_price: Annotated[int, Field(ge=-LARGEST_TOTAL, le=LARGEST_TOTAL, description="Negative in a discount alone")]
    kind: Annotated[str, Field(json_schema_extra=_KIND), AfterValidator(_line_kind)] = LineKind.ITEM.value
    fixed: Annotated[bool, Field(description="The buyer leaves this line as it is")] = False
    max_quantity: Annotated[Quantity | None, Field(description="The most that the buyer may ask for")] = None

    def line(self) -> Line:
        """The domain's line."""
        return Line(**self.model_dump(exclude={"kind"}), kind=LineKind(self.kind))


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
    buyer_may: Annotated[list[Right] | None, Field(max_length=len(BuyerRight), description=_BUYER_MAY)] = None

    def content(self) -> Content:
        """The domain's content, whose lines nobody has looked at together."""
        address = self.shipping_address.model_dump(exclude_none=True) if self.shipping_address else None
        return Content(tuple(line.line() for line in self.lines), address, self.note, self._rights())

    def _rights(self) -> tuple[BuyerRight, ...] | None:
        given = self.buyer_may
        return None if given is None else tuple(right for right in BuyerRight if right in given)


class OrderBody(ContentBody):
    """A new order."""

    reference: Code
    buyer_id: Annotated[Code, Field(description="The `sub` of the buyer's token")]
    seller_id: Annotated[Code, Field(description="The `sub` of the seller's token")]
    unique_reference: Annotated[
        bool, Field(description="Whether no other order of the seller may claim this reference")
    ] = False
    currency: Annotated[str, Field(json_schema_extra=_CURRENCY), AfterValidator(_active_currency)]

    def content(self) -> Content:
        """The domain's content. Raises `InvalidRequest` for lines that no order may have."""
        content = super().content()
        refuse_invalid_lines(content.lines)
        return content


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


class RefundRequestBody(Body):
    """A refund: `amount` in minor units of the payment's currency, all that is left of it where it is missing."""

    amount: Annotated[int | None, Field(ge=1, le=LARGEST_TOTAL)] = None
    reason: Annotated[Reason, Field(description="Why; whoever reads the order reads it")]


class ResolutionBody(ReasonBody):
    """An operator's decision about a payment under review."""

    action: Literal["settle", "refund"]


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
    """The content with a merge patch applied; what a later release stored in it stays.

    Raises `InvalidRequest`, also for removing a required field.
    """
    unknown = {name: value for name, value in patch.items() if name not in ContentBody.model_fields}
    body = parsed(ContentBody, {**merged(as_requested(content), patch), **unknown})
    omitted = [LineBody.model_fields.keys() - line.model_fields_set for line in body.lines]
    return with_unknown_of(content, with_omitted_of(content, body.content(), omitted), AddressBody.model_fields)


def as_requested(content: Content) -> dict[str, Any]:
    """The content as a request would send it: without what a later release stored there."""
    document = known_content_document(content)
    if "shipping_address" in document:
        document["shipping_address"] = _fields_of(AddressBody, document["shipping_address"])
    return document


def _fields_of(model: type[BaseModel], document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name in model.model_fields}


def _field(location: tuple[int | str, ...]) -> str:
    return ".".join(_shortened(str(step)) for step in location) or "body"


def _shortened(name: str) -> str:
    # A client's field name can be as long as its body.
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _message(message: str) -> str:
    # Pydantic puts this before the messages of our own validators.
    return message.removeprefix("Value error, ")

"""Request bodies: their permitted content, and their conversion to domain objects."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from paylatch.domain.documents import known_content_document
from paylatch.domain.editing import PARTS, with_omitted_of, with_unknown_of
from paylatch.domain.errors import InvalidRequest
from paylatch.domain.limits import LARGEST_TOTAL, LONGEST_LOCK, SHORTEST_LOCK
from paylatch.domain.line_rules import refuse_invalid_lines
from paylatch.domain.order import BuyerRight, Content, Line, LineKind
from paylatch.runtime.merge_patch import merged
from paylatch.runtime.request_fields import (
    Action,
    Code,
    CurrencyCode,
    Email,
    GatewayName,
    Kind,
    Locale,
    Metadata,
    Method,
    Name,
    NextCursor,
    Note,
    Quantity,
    Reason,
    RefundReason,
    ReturnAddress,
    Rights,
)
from paylatch.runtime.term_fields import LateMoneyRule, Payable, PayBy, terms_of

# Of a field in an error: a client can choose it.
LONGEST_NAME = 40
Model = TypeVar("Model", bound=BaseModel)
Buyer = Annotated[Code, Field(description="The `sub` of the buyer's token")]


class Body(BaseModel):
    """A body without unknown fields and without silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class LineBody(Body):
    """A line of an order; prices in minor units."""

    sku: Code
    name: Name
    quantity: Quantity
    unit_price: Annotated[int, Field(ge=-LARGEST_TOTAL, le=LARGEST_TOTAL, description="Negative in a discount alone")]
    kind: Kind = LineKind.ITEM.value
    fixed: Annotated[bool, Field(description="The buyer leaves this line as it is")] = False
    max_quantity: Annotated[Quantity | None, Field(description="The most that the buyer may ask for")] = None

    def line(self) -> Line:
        """The domain's line."""
        return Line(**self.model_dump(exclude={"kind"}), kind=LineKind(self.kind))


class AddressBody(Body):
    """A postal address. Postal code and city are optional, because not every country or place has them."""

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
    buyer_may: Rights = None
    email: Annotated[Email | None, Field(description="The payer's; gateways that take one are given it")] = None
    locale: Annotated[
        Locale | None, Field(description="The language of the payer's page, where its gateway has it")
    ] = None
    billing_address: AddressBody | None = None
    metadata: Metadata | None = None
    payable: Payable = True
    pay_by: PayBy = None
    late_money: LateMoneyRule = None

    def content(self) -> Content:
        """The domain's content, whose lines are not yet checked together."""
        payable, pay_by, late_money = terms_of(self.payable, self.pay_by, self.late_money)
        return Content(
            lines=tuple(line.line() for line in self.lines),
            shipping_address=_parts_of(self.shipping_address),
            note=self.note,
            buyer_may=None if self.buyer_may is None else tuple(map(BuyerRight, self.buyer_may)),
            email=self.email,
            locale=self.locale,
            billing_address=_parts_of(self.billing_address),
            metadata=self.metadata,
            payable=payable,
            pay_by=pay_by,
            late_money=late_money,
        )


class OrderBody(ContentBody):
    """A new order."""

    reference: Code
    buyer_id: Buyer
    seller_id: Annotated[Code, Field(description="The `sub` of the seller's token")]
    unique_reference: Annotated[
        bool, Field(description="Whether no other order of the seller may claim this reference")
    ] = False
    currency: CurrencyCode

    def content(self) -> Content:
        """The domain's content. Raises `InvalidRequest` for lines that no order may have."""
        content = super().content()
        refuse_invalid_lines(content.lines)
        return content


class HandoverBody(Body):
    """Another buyer of an unlocked order."""

    buyer_id: Buyer


class PaymentBody(Body):
    """A payment request; `expires_in` in seconds, the stack's `DefaultLock` where it is missing."""

    return_url: ReturnAddress
    gateway: GatewayName | None = None
    expires_in: (
        Annotated[int, Field(ge=int(SHORTEST_LOCK.total_seconds()), le=int(LONGEST_LOCK.total_seconds()))] | None
    ) = None


class CancellationBody(Body):
    """A cancellation of a payment; `edit` is a merge patch of the order that is given back."""

    edit: dict[str, Any] = Field(default_factory=dict)


class ReasonBody(Body):
    """An operator's reason for an action; the order's history keeps it."""

    reason: Reason


class GroupRecheckBody(Body):
    """Where a call for a group goes on; the group's first call has no cursor."""

    cursor: NextCursor | None = None


class GroupReleaseBody(ReasonBody):
    """An operator's reason for releasing the orders of a group, and where the call goes on."""

    cursor: NextCursor | None = None


class SettlementBody(Body):
    """Money that came without a gateway: `amount` in minor units of the order's currency, its total."""

    method: Method
    amount: Annotated[int, Field(ge=0, le=LARGEST_TOTAL)]
    note: Reason


class RefundRequestBody(Body):
    """A refund: `amount` in minor units of the payment's currency, all that is left of it where it is missing."""

    amount: Annotated[int | None, Field(ge=1, le=LARGEST_TOTAL)] = None
    reason: RefundReason


class ResolutionBody(ReasonBody):
    """An operator's decision about a payment under review."""

    action: Action


def parsed(model: type[Model], document: Any) -> Model:
    """The body as that model. Raises `InvalidRequest` with the faults by field."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise InvalidRequest({_field(fault["loc"]): _message(fault["msg"]) for fault in faults}) from None


def edited(content: Content, patch: Mapping[str, Any]) -> Content:
    """The content with a merge patch applied; what a later release stored in it stays.

    Raises `InvalidRequest`, also for removing a required field.
    """
    unknown = {name: value for name, value in patch.items() if name not in ContentBody.model_fields}
    # A part that is not named stays as it is, whether this release can read it or not.
    stored = {name: value for name, value in as_requested(content).items() if name in patch or name not in PARTS}
    body = parsed(ContentBody, {**merged(stored, patch), **unknown})
    omitted = [LineBody.model_fields.keys() - line.model_fields_set for line in body.lines]
    after = with_omitted_of(content, body.content(), omitted)
    return with_unknown_of(content, after, patch, AddressBody.model_fields)


def as_requested(content: Content) -> dict[str, Any]:
    """The content as a request would send it: without what a later release stored there."""
    document = known_content_document(content)
    for name in document.keys() & {"shipping_address", "billing_address"}:
        document[name] = _fields_of(AddressBody, document[name])
    return document


def _parts_of(address: AddressBody | None) -> dict[str, str] | None:
    return address.model_dump(exclude_none=True) if address else None


def _fields_of(model: type[BaseModel], document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name in model.model_fields}


def _field(location: tuple[int | str, ...]) -> str:
    # Pydantic's last step for a name that is refused; the name is the step before it.
    steps = location[:-1] if location[2:] and location[-1] == "[key]" else location
    return ".".join(_shortened(str(step)) for step in steps) or "body"


def _shortened(name: str) -> str:
    # A client's field name can be as long as its body.
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _message(message: str) -> str:
    # Pydantic puts this before the messages of our own validators.
    return message.removeprefix("Value error, ")

"""Request bodies: bounded and typed; an error names each invalid field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, ClassVar, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, TypeAdapter, ValidationError

from sandbox.fault_plan import FaultPlan
from sandbox.sessions import SESSION_PREFIX, DisputeStatus, Terms
from sandbox.statement import ListKind, is_cursor

LONGEST_BODY = 16_384
LONGEST_URL = 2_000

T = TypeVar("T")


class InvalidBody(ValueError):
    """A body that is never acceptable; `fields` maps each invalid field to its fault."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {problem}" for name, problem in fields.items()))
        self.fields = fields


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http or https address")
    if not text.isascii() or not text.isprintable():
        raise ValueError("must be printable ASCII")
    return text


def _not_a_session(text: str) -> str:
    if text.startswith(SESSION_PREFIX):
        raise ValueError(f"must not begin with {SESSION_PREFIX}")
    return text


def _place(text: str) -> str:
    if not is_cursor(text):
        raise ValueError("must be the cursor of a page")
    return text


Identifier = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,128}$")]
AttemptId = Annotated[str, Field(pattern=r"^[0-9A-Za-z_]{1,32}$"), AfterValidator(_not_a_session)]
WebAddress = Annotated[str, Field(max_length=LONGEST_URL), AfterValidator(_web_address)]
LARGEST_AMOUNT = 10**15
Amount = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The body of `POST /sessions`."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    attempt_id: AttemptId
    order_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{0,64}$")] = ""
    amount: Amount
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    expires_at: AwareDatetime
    return_url: WebAddress
    callback_url: WebAddress
    description: Annotated[str, Field(min_length=1, max_length=200)]
    shop: Annotated[str, Field(min_length=1, max_length=100)]
    stack: Annotated[str, Field(pattern=r"^([A-Za-z][0-9A-Za-z-]{0,127})?$")] = ""
    faults: FaultPlan | None = None

    def terms(self) -> Terms:
        """The fields that two requests for the same session share: all but the fault plan."""
        return Terms(
            attempt_id=self.attempt_id,
            order_id=self.order_id,
            amount=self.amount,
            currency=self.currency,
            expires_at=self.expires_at,
            return_url=self.return_url,
            callback_url=self.callback_url,
            description=self.description,
            shop=self.shop,
            stack=self.stack,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOrder:
    """The body of `POST /refunds`."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    refund_id: Identifier
    payment_id: Identifier
    amount: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class HandRefund:
    """The body of `POST /sessions/{session}/refunds`: all that is left where no amount is given."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    amount: Amount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeChange:
    """The body of `PUT /sessions/{session}/dispute`; the amount is for opening one, all that is left without it."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    status: DisputeStatus
    amount: Amount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRequest:
    """The query of `GET /statement`: a list, its window, and the cursor of the page before."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    kind: ListKind
    since: AwareDatetime
    until: AwareDatetime
    cursor: Annotated[str, Field(max_length=250), AfterValidator(_place)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFaults:
    """The body of `PUT /faults`: how so many sessions to come are to misbehave; none ends an earlier plan."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    sessions: Annotated[int, Field(ge=0, le=1000)] = 1
    faults: FaultPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Redelivery:
    """The body of `POST /sessions/{session}/callbacks`; `again` also sends what was accepted or lost."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    again: bool = False


OPENING = TypeAdapter(Opening)
REFUND_ORDER = TypeAdapter(RefundOrder)
PLANNED_FAULTS = TypeAdapter(PlannedFaults)
REDELIVERY = TypeAdapter(Redelivery)
FAULT_PLAN = TypeAdapter(FaultPlan)
HAND_REFUND = TypeAdapter(HandRefund)
DISPUTE_CHANGE = TypeAdapter(DisputeChange)
_STATEMENT_REQUEST = TypeAdapter(StatementRequest)
LONGEST_STATEMENT = timedelta(days=8)


def read_body(shape: TypeAdapter[T], body: bytes) -> T:
    """The body in its shape. Raises `InvalidBody` naming each field that is wrong."""
    if len(body) > LONGEST_BODY:
        raise InvalidBody({"body": f"must not be longer than {LONGEST_BODY} bytes"})
    try:
        return shape.validate_json(body or b"{}", strict=True)
    except ValidationError as error:
        raise InvalidBody(dict(_named(found) for found in error.errors(include_url=False))) from error


def read_statement_request(query: Mapping[str, str]) -> StatementRequest:
    """The query as a request. Raises `InvalidBody` naming each parameter that is wrong."""
    try:
        request = _STATEMENT_REQUEST.validate_python(dict(query))
    except ValidationError as error:
        raise InvalidBody(dict(_named(found) for found in error.errors(include_url=False))) from error
    if not request.since <= request.until <= request.since + LONGEST_STATEMENT:
        raise InvalidBody({"until": f"must be within {LONGEST_STATEMENT.days} days after since"})
    return request


def _named(found: Any) -> tuple[str, str]:
    path = ".".join(str(step) for step in found["loc"]) or "body"
    return path[:100], str(found["msg"]).removeprefix("Value error, ")[:300]

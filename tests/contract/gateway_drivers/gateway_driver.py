"""What the conformance suite needs of a gateway's fake: the adapter, and ways to bring the peer into each state.

A new gateway is one subclass and one entry in `tests/contract/gateway_drivers/__init__.py`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import cycle
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from paylatch.domain.errors import GatewayError
from paylatch.domain.ids import DEFAULT_STACK
from paylatch.domain.payment import Attempt, Capture, PastAttempt, Refund
from paylatch.domain.return_address import with_ids
from paylatch.gateways.gateway_http import GatewayHttp, HttpSender, Request, Response, Send
from paylatch.ports import (
    Callback,
    Gateway,
    GatewayEventKind,
    RefundState,
    Session,
    SessionRequest,
    SessionState,
    VoidKind,
)
from tests.attempts import LOCK, SHOPS_PAGE, attempt_of, refund_of
from tests.fakes.loopback_server import LoopbackServer
from tests.fakes.settable_clock import SettableClock


class CallbackOutcome(Enum):
    """The outcome of a genuine callback that is for another addressee."""

    FOREIGN = "acknowledged, counted as foreign"
    UNNAMED = "ours where an order has the attempt"
    REJECTED = "rejected"


Situations = Mapping[str, tuple[SessionState, VoidKind]]
GatewayEventKinds = Mapping[str, GatewayEventKind]
Addressees = Mapping[str, CallbackOutcome]
Refusals = Mapping[str, type[GatewayError] | RefundState]

# Invalid times, in place of a callback's own; `MISSING` leaves the field out.
MISSING = object()
BAD_TIMES: tuple[object, ...] = (
    MISSING,
    None,
    "",
    "soon",
    True,
    -(10**18),
    10**40,
    [],
    "2026-13-45 25:61:00",
    "0001-01-01",
)

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
# Money that another integration may report, and that our ledger cannot hold.
ODD_SUMS: tuple[object, ...] = (None, "", "many", -1, 1.5, 10**18, [], {})
EVIDENCE_DUE = NOW + timedelta(days=7)


class GatewayDriver(ABC):
    """One gateway under test. `situations` gives the answers of a query and a void in each of its states."""

    name: ClassVar[str]
    situations: ClassVar[Situations]
    gateway_events: ClassVar[GatewayEventKinds]
    # The event kinds that carry no statement time.
    undated: ClassVar[frozenset[str]] = frozenset()
    # The other addressees of a genuine callback, and its outcome for each.
    addressees: ClassVar[Addressees]
    # The peer's reasons to refuse a refund, and the adapter's error for each.
    refusals: ClassVar[Refusals]
    # How long a genuine callback may be under way, None where the signature does not cover a time.
    freshness: ClassVar[timedelta | None]
    currency: ClassVar[str] = "EUR"
    # Whether opening makes a call, and whether the same session can be had by asking again.
    opening_calls: ClassVar[bool] = True
    opens_again: ClassVar[bool] = True

    server: LoopbackServer
    secret: dict[str, object]

    def __init__(self) -> None:
        self.clock = SettableClock(NOW)
        self.odd_sums = cycle(ODD_SUMS)
        self._opened = 0

    def __enter__(self) -> Self:
        self.server.__enter__()
        self.gateway = self.gateway_over(HttpSender())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.__exit__(kind, error, trace)

    @abstractmethod
    def gateway_on(self, wire: GatewayHttp, stack: str = DEFAULT_STACK) -> Gateway:
        """The adapter of that stack, on that HTTP client."""

    @abstractmethod
    def bring_into(self, situation: str, attempt: Attempt) -> None:
        """Bring an attempt whose session is open into that situation at the peer."""

    @abstractmethod
    def callback_for(self, gateway_event: str, attempt: Attempt, secret: int = 0) -> Callback:
        """A callback of the peer, signed with the current secret (0), the previous one (1) or none of ours (2)."""

    @abstractmethod
    def signed_now(self, callback: Callback) -> Callback:
        """The same callback, delivered once more now."""

    @abstractmethod
    def with_time(self, callback: Callback, time: object) -> Callback:
        """The same callback with another time of what it states, or none (`MISSING`)."""

    @abstractmethod
    def with_addressee(self, callback: Callback, addressee: str) -> Callback:
        """The same callback for another addressee."""

    @abstractmethod
    def misshapen(self, callback: Callback) -> Callback:
        """The same callback with sums and currencies that no payment of ours can have."""

    @classmethod
    def names(cls, addressee: str, gateway_event: str) -> bool:
        """Whether such a callback names that addressee."""
        return True

    @abstractmethod
    def refund_by_hand(self, attempt: Attempt, amount: int) -> None:
        """Refund that much by hand at the peer."""

    @abstractmethod
    def refuse_refunds(self, why: str) -> None:
        """Make the peer refuse refunds for that reason."""

    @abstractmethod
    def allow_refunds(self) -> None:
        """Make the peer accept refunds again."""

    @abstractmethod
    def refuse_credentials(self) -> None:
        """Make the peer refuse our credentials."""

    @abstractmethod
    def money(self, attempt: Attempt) -> tuple[int, int]:
        """The captured and the refunded sum in the peer's ledger."""

    def retire_previous_secret(self) -> None:
        """The rotation is over: the previous secret is taken out."""
        for name, value in self.secret.items():
            if isinstance(value, list):
                self.secret[name] = value[:1]

    def gateway_over(self, send: Send) -> Gateway:
        return self.gateway_on(GatewayHttp(self.name, send))

    def other_stack(self) -> Gateway:
        """The adapter of another stack on the same account."""
        return self.gateway_on(GatewayHttp(self.name, HttpSender()), "paylatch-staging")

    def with_short_timeout(self) -> Gateway:
        """The adapter with a timeout that a stalled server outlasts."""
        return self.gateway_over(HttpSender(read=0.15))

    def with_closed_port(self) -> Gateway:
        """The adapter, while the peer's port is closed."""
        return self.gateway_over(_to_a_closed_port)

    def request(self) -> SessionRequest:
        """A new attempt's request."""
        self._opened += 1
        order_id = f"0RDER00000000{self._opened:03d}"
        return SessionRequest(
            attempt_id=f"{order_id}_8K3V9QZ1",
            order_id=order_id,
            reference=f"shop-{self._opened}",
            amount=12_34,
            currency=self.currency,
            # As the use case asks for it.
            expires_at=self.clock.now() + max(LOCK, self.gateway.capabilities.shortest_session),
            return_url=with_ids(SHOPS_PAGE, order_id, f"{order_id}_8K3V9QZ1"),
            callback_url="https://pay.example/gateways/callbacks",
        )

    def opened(self) -> Attempt:
        request = self.request()
        return self.attempt(request, self.gateway.open(request))

    def attempt_in(self, situation: str) -> Attempt:
        """An attempt that is in that situation at the peer."""
        if situation == "never opened":
            return self.attempt(self.request())
        if situation == "opened, answer lost":
            request = self.request()
            self.gateway.open(request)
            return self.attempt(request)
        attempt = self.opened()
        self.bring_into(situation, attempt)
        return attempt

    def paid(self) -> Attempt:
        return self.attempt_in(next(name for name, (state, _) in self.situations.items() if state is SessionState.PAID))

    def attempt(self, request: SessionRequest, session: Session | None = None) -> Attempt:
        return attempt_of(self.name, request, session, self.clock.now())

    def refund_of(self, attempt: Attempt, capture: Capture) -> Refund:
        return refund_of(attempt, capture, self.clock.now())


def with_field(document: dict[str, Any], name: str, value: object) -> dict[str, Any]:
    """The document with another value in that field, or without the field (`MISSING`)."""
    kept = {field: known for field, known in document.items() if field != name}
    return kept if value is MISSING else {**kept, name: value}


def superseded(attempt: Attempt) -> PastAttempt:
    kept = {name: getattr(attempt, name) for name in PastAttempt.__slots__ if name not in ("check_at", "edit")}
    return PastAttempt(**kept)


def _to_a_closed_port(request: Request) -> Response:
    parts = urlsplit(request.url)
    return HttpSender()(replace(request, url=parts._replace(scheme="http", netloc="127.0.0.1:1").geturl()))

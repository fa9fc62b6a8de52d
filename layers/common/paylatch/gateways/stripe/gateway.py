"""The adapter for Stripe Checkout Sessions."""

from datetime import timedelta

from paylatch.domain.errors import Refused
from paylatch.domain.ids import DEFAULT_STACK
from paylatch.domain.payment import Attempt, Capture, PastAttempt, Refund
from paylatch.domain.statement import StatementKind
from paylatch.gateways import fields
from paylatch.gateways.credentials import Credentials, live, required
from paylatch.gateways.gateway_http import GatewayHttp
from paylatch.gateways.refused_voids import refused_void
from paylatch.gateways.signatures import verify_stripe
from paylatch.gateways.stripe.calls import NAME, StripeCalls
from paylatch.gateways.stripe.checkout import BACKSTOP, StripeCheckout, contact_of
from paylatch.gateways.stripe.events import gateway_events_of
from paylatch.gateways.stripe.money import AMOUNTS
from paylatch.gateways.stripe.payments import StripePayments
from paylatch.gateways.stripe.refunds import StripeRefunds
from paylatch.gateways.stripe.sessions import names_session
from paylatch.gateways.stripe.statement import StripeStatement
from paylatch.ports import (
    Acknowledgement,
    Callback,
    Capabilities,
    Clock,
    FoundAttempt,
    GatewayEvent,
    RefundState,
    Session,
    SessionReport,
    SessionRequest,
    SessionState,
    StatementPage,
    StatementWindow,
    VoidAnswer,
    VoidKind,
)

# Secret and restricted keys name their mode: sk_test_…, rk_live_…
_TEST_MODE = "_test_"


class StripeGateway:
    """Implements `Gateway`.

    A session can outlive its lock by up to `BACKSTOP`; our void ends it earlier. So a lock may be shorter than
    Stripe's shortest session, and must be that much shorter than its longest.
    """

    name: str = NAME
    capabilities: Capabilities = Capabilities(
        void_is_final=True,
        shortest_session=timedelta(minutes=1),
        longest_session=timedelta(hours=24) - BACKSTOP - timedelta(minutes=1),
        reports_disputes=True,
        # The slowest is a SEPA debit.
        longest_processing=timedelta(days=14),
        amounts=AMOUNTS,
        statements=frozenset(StatementKind),
    )

    def __init__(
        self, credentials: Credentials, clock: Clock, wire: GatewayHttp | None = None, stack: str = DEFAULT_STACK
    ) -> None:
        call = StripeCalls(credentials, wire or GatewayHttp(NAME))
        self._credentials = credentials
        self._clock = clock
        self._stack = stack
        self._payments = StripePayments(call, stack)
        self._checkout = StripeCheckout(call, self._payments, clock, stack)
        self._refunds = StripeRefunds(call, self._payments, stack)
        self._statement = StripeStatement(call, stack)

    def open(self, request: SessionRequest) -> Session:
        """`POST /v1/checkout/sessions`, with the attempt's reference as the idempotency key."""
        session = self._checkout.create(
            request.attempt_id,
            request.reference,
            request.amount,
            request.currency,
            request.expires_at,
            request.return_url,
            contact_of(request.email, request.locale),
        )
        with fields.read_as_answer(NAME):
            return Session(fields.word(session, "id"), fields.link(session, "url"))

    def query(self, attempt: Attempt | PastAttempt) -> SessionReport:
        """`GET /v1/checkout/sessions/{id}`; without an id, of the session made for the attempt."""
        session_id = attempt.session_id or self._checkout.find(attempt)
        return self._checkout.read(session_id) if session_id else SessionReport(SessionState.UNKNOWN)

    def query_payment(self, payment_id: str) -> Capture | None:
        """`GET /v1/payment_intents/{id}`, and its disputes where it has any; the session where it made no intent."""
        if names_session(payment_id):
            return self._checkout.read(payment_id).capture
        return self._payments.capture(payment_id)

    def find_attempt(self, payment_id: str) -> FoundAttempt | None:
        """`GET /v1/payment_intents/{id}`: its metadata, which only the API can set."""
        return self._payments.attempt(payment_id)

    def void(self, attempt: Attempt | PastAttempt) -> VoidAnswer:
        """`POST /v1/checkout/sessions/{id}/expire`.

        Stripe refuses paid and expired sessions with the same words; reading the session again distinguishes
        them.
        """
        session_id = attempt.session_id or self._checkout.claim(attempt)
        if session_id is None:
            return VoidAnswer(VoidKind.ALREADY_CLOSED)
        try:
            self._checkout.expire(session_id)
        except Refused:
            return refused_void(NAME, self._checkout.read(session_id))
        return VoidAnswer(VoidKind.VOIDED)

    def refund(self, refund: Refund) -> RefundState:
        """`POST /v1/refunds`, by payment intent, of what is still held."""
        return self._refunds.refund(refund)

    def query_refund(self, refund: Refund) -> RefundState:
        """`GET /v1/refunds` of the payment intent."""
        return self._refunds.query(refund)

    def list_statement(self, kind: StatementKind, window: StatementWindow, cursor: str | None) -> StatementPage:
        """`GET /v1/charges`, `/v1/refunds`, `/v1/disputes` or `/v1/events`, by the time of creation."""
        return self._statement.page(kind, window, cursor)

    def parse_callback(self, callback: Callback) -> tuple[GatewayEvent, ...]:
        """Session, payment, refund and dispute events; other events give no statement."""
        secret = self._credentials()
        secrets, api_key = live(NAME, secret, "webhook_secrets"), required(NAME, secret, "api_key")
        verify_stripe(NAME, callback.headers, callback.body, secrets, self._clock.now())
        with fields.read_as_callback(NAME):
            return gateway_events_of(fields.parse(callback.body), live=_TEST_MODE not in api_key, stack=self._stack)

    def acknowledge(self) -> Acknowledgement:
        """Any 2xx ends the repeats."""
        return Acknowledgement()

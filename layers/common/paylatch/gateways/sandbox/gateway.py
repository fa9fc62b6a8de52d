"""The adapter for the sandbox gateway, over HTTP."""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

from paylatch.domain.errors import CallbackRejected, Misconfigured, OutcomeUnknown, Refused, Transient
from paylatch.domain.ids import DEFAULT_STACK
from paylatch.domain.payment import Attempt, Capture, PastAttempt, Refund
from paylatch.domain.statement import StatementKind
from paylatch.gateways.credentials import Credentials
from paylatch.gateways.fields import Document, Malformed, parse
from paylatch.gateways.gateway_http import GatewayHttp, Request, Response
from paylatch.gateways.refused_voids import refused_void
from paylatch.gateways.sandbox.credentials import SandboxCredentials, read_credentials
from paylatch.gateways.sandbox.documents import (
    gateway_events,
    opened_session,
    opening,
    payment_attempt,
    payment_capture,
    refund_state,
    session_report,
    void_answer,
)
from paylatch.gateways.sandbox.statement import statement_page, statement_path
from paylatch.gateways.signatures import verify_standard_webhook
from paylatch.gateways.stack_reference import NotOurs
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

NAME = "sandbox"

# Refusals of a refund that time can resolve.
_PASSING = frozenset({"balance-too-low"})

T = TypeVar("T")


class SandboxGateway:
    """Implements `Gateway`.

    Its secret is `{"api_key": ..., "previous_api_keys": [...]}`, the second member optional.
    """

    name: str = NAME
    capabilities: Capabilities = Capabilities(
        void_is_final=True,
        shortest_session=timedelta(seconds=60),
        longest_session=timedelta(days=1),
        reports_disputes=True,
        longest_processing=timedelta(days=14),
        statements=frozenset({StatementKind.CAPTURES, StatementKind.REFUNDS, StatementKind.DISPUTES}),
    )

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        clock: Clock,
        wire: GatewayHttp | None = None,
        shop: str = "Paylatch demo shop",
        stack: str = DEFAULT_STACK,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._credentials = credentials
        self._clock = clock
        self._wire = wire or GatewayHttp(NAME)
        self._shop = shop
        self._stack = stack

    def open(self, request: SessionRequest) -> Session:
        """`POST /sessions`, idempotent by attempt id."""
        return self._read(opened_session, self._post("/sessions", opening(request, self._shop, self._stack)))

    def query(self, attempt: Attempt | PastAttempt) -> SessionReport:
        """`GET /sessions/{attempt_id}`."""
        response = self._get(f"/sessions/{_segment(attempt.attempt_id)}")
        if self._never_seen(response, "session-not-found"):
            return SessionReport(SessionState.UNKNOWN)
        return self._read(session_report, response)

    def query_payment(self, payment_id: str) -> Capture | None:
        """`GET /payments/{payment_id}`."""
        response = self._get(f"/payments/{_segment(payment_id)}")
        return None if self._never_seen(response, "payment-not-found") else self._read(payment_capture, response)

    def find_attempt(self, payment_id: str) -> FoundAttempt | None:
        """`GET /payments/{payment_id}`: its attempt id and stack."""
        response = self._get(f"/payments/{_segment(payment_id)}")
        if self._never_seen(response, "payment-not-found"):
            return None
        return self._read(self._attempt_of, response)

    def void(self, attempt: Attempt | PastAttempt) -> VoidAnswer:
        """`POST /sessions/{attempt_id}/void`: by attempt id, which also closes a session that was never opened."""
        answer = self._read(void_answer, self._post(f"/sessions/{_segment(attempt.attempt_id)}/void", {}))
        # Only the session itself shows whether the payer has submitted a payment.
        return refused_void(NAME, self.query(attempt)) if answer.kind is VoidKind.IN_PROGRESS else answer

    def refund(self, refund: Refund) -> RefundState:
        """`POST /refunds`, idempotent by refund id, for the refund's amount or the smaller amount still held."""
        response = self._asked_refund(refund, refund.amount)
        if response.status != 409:
            return self._read(refund_state, response)
        code = self._code(response)
        if code not in ("refund-exceeds-payment", "refund-differs"):
            raise self._refusal(response)
        state, capture = self.query_refund(refund), self.query_payment(refund.payment_id)
        if capture is None or state in (RefundState.DONE, RefundState.PENDING):
            return state
        # A part of it, or all, was returned by other means.
        return self._read(refund_state, self._asked_held(refund, capture)) if capture.held else RefundState.DONE

    def query_refund(self, refund: Refund) -> RefundState:
        """`GET /refunds/{refund_id}`."""
        response = self._get(f"/refunds/{_segment(refund.refund_id)}")
        if self._never_seen(response, "refund-not-found"):
            return RefundState.UNKNOWN
        return self._read(refund_state, response)

    def list_statement(self, kind: StatementKind, window: StatementWindow, cursor: str | None) -> StatementPage:
        """`GET /statement`: the list by the time of each entry's last change."""
        response = self._get(statement_path(kind, window, cursor))
        if response.status == 404:
            raise Misconfigured(NAME, "404: the sandbox at this address has no statement")
        return self._read(partial(statement_page, kind, self._stack), response)

    def parse_callback(self, callback: Callback) -> tuple[GatewayEvent, ...]:
        """Standard Webhooks with one statement; each shop has its own key, so the signature shows the addressee."""
        secrets = self._live().signing_secrets
        verify_standard_webhook(NAME, callback.headers, callback.body, secrets, self._clock.now())
        try:
            return gateway_events(parse(callback.body), self._stack)
        except Malformed as error:
            raise CallbackRejected(NAME, f"a body of no known shape: {error}") from error

    def acknowledge(self) -> Acknowledgement:
        """Any 2xx ends the repeats."""
        return Acknowledgement(status=204)

    def _attempt_of(self, payment: Document) -> FoundAttempt | None:
        try:
            return payment_attempt(payment, self._stack)
        except NotOurs:
            return None

    def _asked_held(self, refund: Refund, capture: Capture) -> Response:
        response = self._asked_refund(refund, min(refund.amount, capture.held))
        if response.status == 409:
            raise self._refusal(response)
        return response

    def _refusal(self, response: Response) -> Refused | Transient:
        code = self._code(response)
        return (Transient if code in _PASSING else Refused)(NAME, str(code))

    def _asked_refund(self, refund: Refund, amount: int) -> Response:
        asked = {"refund_id": refund.refund_id, "payment_id": refund.payment_id, "amount": amount}
        return self._post("/refunds", asked, meaningful=(409,))

    def _post(self, path: str, document: Mapping[str, Any], meaningful: Collection[int] = ()) -> Response:
        headers = {**self._headers(), "content-type": "application/json"}
        body = json.dumps(document).encode()
        return self._wire.call(Request("POST", self._base_url + path, headers, body), meaningful=meaningful)

    def _get(self, path: str) -> Response:
        return self._wire.call(Request("GET", self._base_url + path, self._headers()), meaningful=(404,))

    def _live(self) -> SandboxCredentials:
        return read_credentials(NAME, self._credentials())

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._live().api_key}", "accept": "application/json"}

    def _read(self, read: Callable[[Document], T], response: Response) -> T:
        try:
            return read(parse(response.body))
        except ValueError as error:
            raise OutcomeUnknown(NAME, f"{response.status}: {error}") from error

    def _code(self, response: Response) -> object:
        return self._read(lambda document: document.get("code"), response)

    def _never_seen(self, response: Response, code: str) -> bool:
        if response.status != 404:
            return False
        # A wrong address answers 404 too. Read as "never seen", it would unlock orders that are being paid.
        if self._code(response) != code:
            raise Misconfigured(NAME, "404, and not one of the sandbox's own")
        return True


def _segment(identifier: str) -> str:
    return quote(identifier, safe="")

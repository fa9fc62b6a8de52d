"""Actions at the gateway without us: the payer pays, the bank returns money, injected faults change answers.

They bypass the proxies, as no fault is injected into them.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sandbox.provider import session_id_of
from sandbox.service import deployed_sandbox
from sandbox.sessions import RefundStatus, Session, with_webhook

from local.ports import HOST
from local.sandbox_client import SandboxClient, pay_on_hosted_page, submit_hosted_page
from tests.api.handlers import Context, handler_of
from tests.faults.proxied_connections import ProxiedConnections
from tests.kill.gateway_ledger import ledger_of
from tests.lambda_events import event


@dataclass(frozen=True, slots=True)
class GatewayActions:
    """The sandbox gateway's interface for payers and testers."""

    connections: ProxiedConnections

    def payer_submits(self, pay_url: str) -> None:
        """The payer pays by a bank debit, which takes days."""
        submit_hosted_page(pay_url, "submit")

    def payer_pays(self, pay_url: str) -> None:
        """Pay at the gateway's own page."""
        pay_on_hosted_page(pay_url)

    def set_faults(self, attempt_id: str, **how: Any) -> None:
        """Set the faults of that attempt's session."""
        self._sandbox.set_faults(attempt_id, how).expect(200)

    def plan_faults(self, order_id: str, times: int, **how: Any) -> None:
        """Set the faults of the order's next sessions."""
        self._sandbox.plan_faults(order_id, times, how).expect(200)

    def run_schedule(self) -> None:
        """Run the gateway's own schedule: it reports expired sessions and the results of refunds."""
        handler_of("sandbox_gateway")(event("sandbox_gateway_schedule"), Context())

    def bank_returns_refunds(self, attempt_id: str) -> None:
        """Fail refunds that succeeded, as when the payer's account is closed; the next minute's schedule reports it."""

        def returned(session: Session, now: datetime) -> tuple[Session, None]:
            failed = tuple(replace(refund, status=RefundStatus.FAILED) for refund in session.refunds)
            session = replace(session, refunds=failed)
            for refund in failed:
                session = with_webhook(session, "refund.failed", now, refund_id=refund.refund_id)
            return session, None

        deployed_sandbox().session_service.change(session_id_of(attempt_id), returned)

    def refund_manually(self, attempt_id: str) -> None:
        """Refund all of the money by hand at the gateway; it reports this."""
        self._sandbox.refund(attempt_id).expect(200)

    def dispute(self, attempt_id: str, status: str) -> None:
        """Dispute the payment, or decide its dispute; the gateway reports it."""
        self._sandbox.dispute(attempt_id, status).expect(200)

    def held_for(self, attempt_id: str) -> int:
        """The sum of this attempt that the gateway holds."""
        ledger = ledger_of(self._sandbox.sandbox_url, attempt_id)
        held: int = ledger["captured"] - ledger["refunded"]
        return held

    @property
    def _sandbox(self) -> SandboxClient:
        return SandboxClient(f"http://{HOST}:{self.connections.gateway.upstream[1]}")

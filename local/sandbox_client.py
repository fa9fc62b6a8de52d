"""A client of the sandbox gateway: what its payers and its testers do."""

import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.api_client import JSON, ApiRequest, ApiResponse, HttpTransport

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def pay_on_hosted_page(pay_url: str) -> ApiResponse:
    """Pay by the link; the gateway calls the shop back before the page answers. Raises `NoResponse`."""
    return submit_hosted_page(pay_url, "pay")


def submit_hosted_page(pay_url: str, action: str) -> ApiResponse:
    """Press one of the page's buttons, as `PayerAction` names them. Raises `NoResponse`."""
    address = urllib.parse.urlsplit(pay_url)
    path = address._replace(scheme="", netloc="").geturl()
    form = urllib.parse.urlencode({"action": action}).encode()
    return HttpTransport(f"{address.scheme}://{address.netloc}")(ApiRequest("POST", path, _FORM, form))


@dataclass(frozen=True, slots=True)
class SandboxClient:
    """The calls of a tester. Each raises `NoResponse`."""

    sandbox_url: str

    def set_faults(self, attempt_id: str, fault_plan: Mapping[str, Any]) -> ApiResponse:
        """Set the faults of that attempt's session."""
        return self._send("POST", f"/sessions/{attempt_id}/faults", fault_plan)

    def plan_faults(self, order_id: str, sessions: int, fault_plan: Mapping[str, Any]) -> ApiResponse:
        """Set the faults of that many next sessions of the order."""
        return self._send("PUT", f"/orders/{order_id}/faults", {"sessions": sessions, "faults": fault_plan})

    def refund(self, attempt_id: str) -> ApiResponse:
        """Refund by hand all that the gateway holds of the attempt."""
        return self._send("POST", f"/sessions/{attempt_id}/refunds", {})

    def dispute(self, attempt_id: str, status: str) -> ApiResponse:
        """Dispute the payment, or decide its dispute."""
        return self._send("PUT", f"/sessions/{attempt_id}/dispute", {"status": status})

    def repeat_callbacks(self, attempt_id: str) -> ApiResponse:
        """Send all callbacks of the attempt's session again, lost ones included."""
        return self._send("POST", f"/sessions/{attempt_id}/callbacks", {"again": True})

    def read_ledger(self, attempt_id: str) -> ApiResponse:
        """The captured and the refunded sum of the attempt, in minor units."""
        return self._send("GET", f"/ledger/{attempt_id}")

    def _send(self, method: str, path: str, document: Mapping[str, Any] | None = None) -> ApiResponse:
        body = None if document is None else json.dumps(document).encode()
        return HttpTransport(self.sandbox_url)(ApiRequest(method, path, JSON, body))

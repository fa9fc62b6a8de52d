"""A client of the HTTP API: a method for each call, and a transport that carries it."""

import http.client
import json
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

TIMEOUT_SECONDS = 35.0
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request. `path` is percent-encoded and holds the query; a body of None sends none."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None = None


class UnexpectedResponse(Exception):
    """The response has another status than the expected one."""


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """One response. Header names are in lower case; `body` is the parsed JSON, or the text of any other media type."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def document(self) -> Mapping[str, Any]:
        """The JSON object; empty where the body is none."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def code(self) -> str:
        """The problem's code. Raises `KeyError` where the body is no problem."""
        code: str = self.document["code"]
        return code

    def expect(self, *statuses: int) -> Mapping[str, Any]:
        """The document of a response with one of these statuses. Raises `UnexpectedResponse` on any other."""
        if self.status not in statuses:
            raise UnexpectedResponse(f"expected {statuses}, got {self.status}: {str(self.body)[:1000]}")
        return self.document


Transport = Callable[[ApiRequest], ApiResponse]


class NoResponse(Exception):
    """No response, or a broken one: whether the call was carried out is unknown."""


@dataclass(frozen=True, slots=True)
class HttpTransport:
    """Carries requests over real HTTP, without following redirects. Raises `NoResponse`."""

    api_url: str
    timeout: float = TIMEOUT_SECONDS

    def __call__(self, request: ApiRequest) -> ApiResponse:
        address = urllib.parse.urlsplit(self.api_url)
        connection = http.client.HTTPConnection(address.netloc, timeout=self.timeout)
        try:
            connection.request(request.method, address.path + request.path, request.body, dict(request.headers))
            response = connection.getresponse()
            return response_of(response.status, dict(response.getheaders()), response.read())
        except (OSError, http.client.HTTPException, json.JSONDecodeError) as error:
            raise NoResponse(f"{request.method} {self.api_url}{request.path}: {error}") from error
        finally:
            connection.close()


def response_of(status: int, headers: Mapping[str, str], content: bytes) -> ApiResponse:
    """The response with these headers and this content. Raises `ValueError` where announced JSON is none."""
    named = {name.lower(): value for name, value in headers.items()}
    is_json = "json" in named.get("content-type", "") and content
    return ApiResponse(status, named, json.loads(content) if is_json else content.decode(errors="replace"))


@dataclass(frozen=True, slots=True)
class ApiClient:
    """The calls of one caller, known by their bearer token. Amounts are in minor units."""

    send: Transport
    token: str

    def call(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> ApiResponse:
        """Send a body as JSON; None sends none."""
        sent = {"Authorization": f"Bearer {self.token}", **(JSON if body is not None else {}), **(headers or {})}
        return self.send(ApiRequest(method, path, sent, None if body is None else json.dumps(body).encode()))

    def create_order(self, order: Mapping[str, Any], key: str | None = None) -> ApiResponse:
        """Place an order; the same key again answers with the same order."""
        return self.call("POST", "/orders", order, {"Idempotency-Key": key} if key else None)

    def read_order(self, order_id: str) -> ApiResponse:
        return self.call("GET", f"/orders/{order_id}")

    def list_orders(self, **query: str) -> ApiResponse:
        """One page of orders, by the parameters of the list."""
        return self.call("GET", f"/orders?{urllib.parse.urlencode(query)}")

    def edit_order(self, order_id: str, change: Mapping[str, Any], revision: int) -> ApiResponse:
        """Edit the order as it was at that revision, by a JSON Merge Patch."""
        return self.call("PATCH", f"/orders/{order_id}", change, {"If-Match": f'"{revision}"'})

    def pay_link(self, order_id: str, **options: object) -> ApiResponse:
        """The order's payment link; options are `renew` and `return_url`."""
        return self.call("POST", f"/orders/{order_id}/pay-link", options)

    def cancel_order(self, order_id: str) -> ApiResponse:
        return self.call("POST", f"/orders/{order_id}/cancellation")

    def read_history(self, order_id: str, after: int = 0) -> ApiResponse:
        """One page of the events after that sequence number."""
        return self.call("GET", f"/orders/{order_id}/history?after={after}")

    def request_payment(self, order_id: str, payment: Mapping[str, Any], key: str) -> ApiResponse:
        """Lock the order; the same key again answers with the same attempt."""
        return self.call("POST", f"/orders/{order_id}/payments", payment, {"Idempotency-Key": key})

    def read_payment(self, order_id: str, attempt_id: str) -> ApiResponse:
        return self.call("GET", f"/orders/{order_id}/payments/{attempt_id}")

    def settle_manually(self, order_id: str, amount: int, method: str = "cash", note: str = "receipt") -> ApiResponse:
        """The money came without a gateway."""
        body = {"method": method, "amount": amount, "note": note}
        return self.call("POST", f"/orders/{order_id}/settlement", body)

    def erase(self, order_id: str) -> ApiResponse:
        """Erase the personal data of an order that is over."""
        return self.call("POST", f"/orders/{order_id}/erasure")

    def refund(self, order_id: str, key: str, amount: int | None = None, reason: str = "it came back") -> ApiResponse:
        """Refund so much of the payment, or all that is left; the same key again answers with the same refund."""
        body = {"reason": reason} | ({} if amount is None else {"amount": amount})
        return self.call("POST", f"/orders/{order_id}/refunds", body, {"Idempotency-Key": key})

    def cancel_payment(self, order_id: str, attempt_id: str) -> ApiResponse:
        return self._act_on(order_id, attempt_id, "cancellation")

    def stop_and_change(self, order_id: str, attempt_id: str, edit: Mapping[str, Any], revision: int) -> ApiResponse:
        """Cancel the payment and edit the order as it was at that revision, by a JSON Merge Patch."""
        path = f"/orders/{order_id}/payments/{attempt_id}/cancellation"
        return self.call("POST", path, {"edit": edit}, {"If-Match": f'"{revision}"'})

    def recheck(self, order_id: str, attempt_id: str) -> ApiResponse:
        return self._act_on(order_id, attempt_id, "recheck")

    def resolve(self, order_id: str, attempt_id: str, action: str, reason: str) -> ApiResponse:
        """Decide about money that does not match: `settle` or `refund`."""
        return self._act_on(order_id, attempt_id, "resolution", {"action": action, "reason": reason})

    def release(self, order_id: str, attempt_id: str, reason: str) -> ApiResponse:
        """Unlock an order whose gateway does not answer."""
        return self._act_on(order_id, attempt_id, "release", {"reason": reason})

    def write_off(self, order_id: str, refund_id: str, reason: str) -> ApiResponse:
        """End a refund that the gateway will never make."""
        return self.call("POST", f"/orders/{order_id}/refunds/{refund_id}/write-off", {"reason": reason})

    def list_attention(self) -> ApiResponse:
        """The orders that need a person."""
        return self.call("GET", "/operations/attention")

    def reconcile(self, day: str, **options: object) -> ApiResponse:
        """Hold a day's statement against the orders; options are `gateway` and `again`."""
        return self.call("POST", "/operations/reconciliation", {"day": day, **options})

    def handle_finding(self, finding: Mapping[str, Any]) -> ApiResponse:
        """Mark a finding, as an answer shows it, as handled."""
        name = "/".join(finding[part] for part in ("gateway", "day", "discrepancy", "payment_id"))
        return self.call("POST", f"/operations/findings/{name}/handled")

    def _act_on(self, order_id: str, attempt_id: str, action: str, body: object = None) -> ApiResponse:
        return self.call("POST", f"/orders/{order_id}/payments/{attempt_id}/{action}", body)


def deliver_callback(send: Transport, gateway: str, headers: Mapping[str, str], body: bytes) -> ApiResponse:
    """Deliver a gateway's callback, which needs no token."""
    return send(ApiRequest("POST", f"/gateways/{gateway}/callbacks", headers, body))

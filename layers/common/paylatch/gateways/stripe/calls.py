"""Calls to Stripe through its own library, over the HTTP client that all gateways share.

No type of the library leaves the package. The library is imported at the first call, so that a function that only
verifies callbacks does not load it.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from paylatch.domain.errors import GatewayError, Misconfigured, OutcomeUnknown, RateLimited, Refused
from paylatch.gateways.credentials import Credentials, base_url, required
from paylatch.gateways.fields import Document
from paylatch.gateways.gateway_http import GatewayHttp, Request

if TYPE_CHECKING:
    from stripe import HTTPClient, StripeClient, StripeError, StripeObject

NAME = "stripe"
_API_BASE = "https://api.stripe.com"
# `GatewayHttp` raises where there is no response; the library reads responses of every status.
_ANY_STATUS = range(400, 600)


class RefusedWith(Refused):
    """Stripe's final refusal, with its error code."""

    def __init__(self, code: str, cause: str) -> None:
        super().__init__(NAME, cause)
        self.code = code


class KeyReused(OutcomeUnknown):
    """The idempotency key belongs to another request: one was executed under it, or still is."""


class StripeCalls:
    """Runs one call of the library. Raises only `Transient`, `OutcomeUnknown`, `Refused` and `Misconfigured`."""

    def __init__(self, credentials: Credentials, wire: GatewayHttp) -> None:
        self._credentials = credentials
        self._wire = wire
        self._clients: dict[tuple[str, str], StripeClient] = {}

    def __call__(self, call: "Callable[[StripeClient], StripeObject]") -> Document:
        """The document in the response to a call."""
        client = self._client()
        from stripe import StripeError

        try:
            return call(client).to_dict()
        except StripeError as error:
            raise _translated(error) from error

    def _client(self) -> "StripeClient":
        secret = self._credentials()
        key = required(NAME, secret, "api_key"), base_url(NAME, secret, "api_base", _API_BASE)
        if key not in self._clients:
            self._clients = {key: self._new_client(*key)}
        return self._clients[key]

    def _new_client(self, api_key: str, api_base: str) -> "StripeClient":
        from stripe import StripeClient

        http = _http_client(self._wire)
        # The library's own retries would outlast the caller, and the use cases retry anyway.
        return StripeClient(api_key, base_addresses={"api": api_base}, http_client=http, max_network_retries=0)


def _http_client(wire: GatewayHttp) -> "HTTPClient":
    from stripe import HTTPClient

    class WiredClient(HTTPClient):
        name = "paylatch"

        def request(
            self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_: object
        ) -> tuple[str, int, Mapping[str, str]]:
            body = post_data.encode() if isinstance(post_data, str) else post_data
            answer = wire.call(Request(method.upper(), url, dict(headers or {}), body), meaningful=_ANY_STATUS)
            return answer.body.decode("utf-8", "replace"), answer.status, answer.headers

    return WiredClient()


def _translated(error: "StripeError") -> GatewayError:
    kind, cause = _class_of(error), f"{error.http_status} {error.code or ''} {error.user_message}"
    return RefusedWith(error.code or "", cause) if kind is Refused else kind(NAME, cause)


def _class_of(error: "StripeError") -> type[GatewayError]:
    import stripe

    if isinstance(error, (stripe.AuthenticationError, stripe.PermissionError)):
        return Misconfigured
    if isinstance(error, stripe.RateLimitError):
        return RateLimited
    if isinstance(error, stripe.IdempotencyError):
        return KeyReused
    return Refused if isinstance(error, (stripe.InvalidRequestError, stripe.CardError)) else OutcomeUnknown

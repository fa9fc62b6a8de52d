"""Calls to PayU's REST API 2.1: the token, failures within HTTP 200, and a redirect that is a response."""

import json
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from paylatch.domain.errors import GatewayError, Misconfigured, OutcomeUnknown, Refused, Transient
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.gateways import fields
from paylatch.gateways.credentials import Credentials, base_url, required
from paylatch.gateways.fields import Document
from paylatch.gateways.gateway_http import GatewayHttp, Request, Response
from paylatch.ports import Clock

NAME = "payu"

# A token is replaced this long before its expiry, so that it cannot expire during a call.
_SPARE = timedelta(minutes=1)
# Statuses whose body explains them. 302 is a response too: redirects are not followed.
_MEANINGFUL = (400, 401, 404, 409, 422)
_CLASSES: dict[str, type[GatewayError]] = {
    "UNAUTHORIZED_REQUEST": Misconfigured,
    "ERROR_UNKNOWN_MERCHANT_POS": Misconfigured,
    "ERROR_INTERNAL": OutcomeUnknown,
    "OPENPAYU_ERROR_INTERNAL": OutcomeUnknown,
    "GENERAL_ERROR": OutcomeUnknown,
    "TIMEOUT": OutcomeUnknown,
    "SERVICE_NOT_AVAILABLE": OutcomeUnknown,
}


class RefusedWith(Refused):
    """PayU's final refusal, with its status code and, where there is one, the finer `codeLiteral`."""

    def __init__(self, code: str, literal: str = "") -> None:
        super().__init__(NAME, f"{code} {literal}".rstrip())
        self.code = code
        self.literal = literal


@dataclass(frozen=True, slots=True)
class _Token:
    owner: tuple[str, str, str]
    text: str
    ends: datetime


class PayuCalls:
    """Makes one authorised call. Raises only `Transient`, `OutcomeUnknown`, `Refused` and `Misconfigured`."""

    def __init__(self, credentials: Credentials, clock: Clock, wire: GatewayHttp) -> None:
        self._credentials = credentials
        self._clock = clock
        self._wire = wire
        self._token: _Token | None = None
        self._lock = threading.Lock()

    def __call__(self, method: str, path: str, document: Mapping[str, object] | None = None) -> Document:
        """The document of a call that succeeded according to PayU."""
        response = self._answered(method, path, document)
        with fields.read_as_answer(NAME):
            answer = fields.parse(response.body)
            _require_success(answer, response.status)
        return answer

    def listed(self, path: str, name: str) -> tuple[Document, ...]:
        """The items of a list.

        PayU documents a bare array; servers with its API wrap the array in an object, with a status or without.
        """
        response = self._answered("GET", path)
        with fields.read_as_answer(NAME):
            answer = fields.parse_listing(response.body, name)
            if response.status != 200 or name not in answer or "status" in answer:
                _require_success(answer, response.status)
            return fields.parts(answer, name)

    def _answered(self, method: str, path: str, document: Mapping[str, object] | None = None) -> Response:
        response = self._send(method, path, document)
        if response.status == 401:
            # The token was revoked early. The refused call was not executed, so one more try is safe.
            self._token = None
            response = self._send(method, path, document)
        return response

    def _send(self, method: str, path: str, document: Mapping[str, object] | None) -> Response:
        owner = self._owner()
        headers = {"authorization": f"Bearer {self._authorised(owner)}", "content-type": "application/json"}
        body = None if document is None else json.dumps(document).encode()
        return self._wire.call(Request(method, owner[0] + path, headers, body), meaningful=_MEANINGFUL)

    def _owner(self) -> tuple[str, str, str]:
        secret = self._credentials()
        base = base_url(NAME, secret, "api_base")
        return base, required(NAME, secret, "client_id"), required(NAME, secret, "client_secret")

    def _authorised(self, owner: tuple[str, str, str]) -> str:
        with self._lock:
            token = self._token
            if token is None or token.owner != owner or self._clock.now() >= token.ends - _SPARE:
                token = self._token = self._new_token(owner)
            return token.text

    def _new_token(self, owner: tuple[str, str, str]) -> _Token:
        base, client_id, client_secret = owner
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        headers = {"content-type": "application/x-www-form-urlencoded"}
        request = Request("POST", f"{base}/pl/standard/user/oauth/authorize", headers, urlencode(form).encode())
        asked = self._clock.now()
        try:
            with fields.read_as_answer(NAME):
                answer = fields.parse(self._wire.call(request).body)
                lifetime = timedelta(seconds=fields.minor_units(answer, "expires_in"))
                return _Token(owner, fields.word(answer, "access_token"), asked + lifetime)
        except OutcomeUnknown as error:
            # Without a token the call itself was never sent.
            raise Transient(NAME, f"no token: {error.cause}") from error
        except Refused as error:
            raise Misconfigured(NAME, f"no token: {error.cause}") from error


def _require_success(answer: Document, status: int) -> None:
    if status == 401:
        raise Misconfigured(NAME, "UNAUTHORIZED")
    said = fields.part(answer, "status")
    code, literal = fields.word(said, "statusCode"), said.get("codeLiteral")
    if code == "SUCCESS" or code.startswith("WARNING_CONTINUE"):
        return
    if failure := _CLASSES.get(code):
        raise failure(NAME, code)
    raise RefusedWith(code, literal if isinstance(literal, str) else "")

"""The order desk as its function serves it, with an issuer that signs everybody in and an API of stored answers."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.api.handlers import Context, handler_of
from tests.fakes.loopback_server import LoopbackServer, ReceivedRequest, Reply, json_reply
from tests.pages.sample_orders import NOW

API, ISSUER, SIGN_IN = "/api", "/issuer", "/sign-in"
CLIENT = "desk-client"


@dataclass(slots=True)
class DeskServer:
    """The answers of the API by path, which a test replaces; `refusals` are problems by method and path.

    `role` and `subject` are whom the issuer signs in. `url` is the origin of everything.
    """

    url: str = ""
    role: str = "seller"
    subject: str = "seller-1"
    answers: dict[str, Any] = field(default_factory=dict)
    refusals: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def reply(self, asked: ReceivedRequest) -> Reply:
        """The answer to a browser's request."""
        if asked.path.startswith(API):
            return self._api(asked.method, asked.path.removeprefix(API))
        if asked.path.startswith((ISSUER, SIGN_IN)):
            return self._issuer(asked)
        return _of_the_function(asked)

    def _api(self, method: str, path: str) -> Reply:
        refusal = self.refusals.get((method, path))
        if refusal:
            return json_reply(refusal, refusal["status"], {"content-type": "application/problem+json", **_DATED})
        if method != "GET" or path not in self.answers:
            return json_reply({"code": "order-not-found", "title": "Not found", "status": 404, "detail": path}, 404)
        return json_reply(self.answers[path], headers={"etag": '"1.3"', "cache-control": "no-store", **_DATED})

    def _issuer(self, asked: ReceivedRequest) -> Reply:
        issuer, sign_in = f"{self.url}{ISSUER}", f"{self.url}{SIGN_IN}"
        if asked.path.endswith("/authorize"):
            back = urlencode({"code": "code-1", "state": asked.query["state"]})
            return Reply(302, b"", {"location": f"{asked.query['redirect_uri']}?{back}"})
        if asked.path.endswith("/token"):
            return json_reply(self._tokens(issuer))
        return json_reply(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{sign_in}/oauth2/authorize",
                "token_endpoint": f"{sign_in}/oauth2/token",
            }
        )

    def _tokens(self, issuer: str) -> dict[str, Any]:
        now = int(time.time())
        common = {"iss": issuer, "sub": self.subject, "iat": now, "exp": now + 900}
        access = {**common, "token_use": "access", "cognito:groups": [self.role], "client_id": CLIENT}
        identity = {**common, "token_use": "id", "aud": CLIENT, "email": f"{self.role}@example.com"}
        return {
            "access_token": _jwt(access),
            "id_token": _jwt(identity),
            "refresh_token": "refresh-1",
            "token_type": "Bearer",
            "expires_in": 900,
        }


@contextmanager
def serving_desk() -> Iterator[DeskServer]:
    """The desk on a free port, until the context ends."""
    desk = DeskServer()
    with pytest.MonkeyPatch.context() as patch, LoopbackServer(desk.reply) as server:
        desk.url = server.url
        for name, value in settings(server.url).items():
            patch.setenv(name, value)
        yield desk


# The desk takes the server's time from it, whatever the time of the test is.
_DATED = {"date": format_datetime(NOW, usegmt=True)}


def settings(url: str) -> dict[str, str]:
    """The function's settings where everything is at that origin."""
    return {
        "PAYLATCH_API_URL": f"{url}{API}",
        "PAYLATCH_PAGES_URL": url,
        "PAYLATCH_JWT_ISSUER": f"{url}{ISSUER}",
        "PAYLATCH_DESK_CLIENT_ID": CLIENT,
        "PAYLATCH_DESK_SCOPE": "openid email",
        "PAYLATCH_SIGN_IN_URL": f"{url}{SIGN_IN}",
        "PAYLATCH_SIGN_IN_ORIGINS": "",
        "PAYLATCH_FOUR_EYES": "true",
    }


def _of_the_function(asked: ReceivedRequest) -> Reply:
    event = {
        "version": "2.0",
        "rawPath": asked.path,
        "headers": dict(asked.headers),
        "requestContext": {"http": {"method": asked.method, "path": asked.path}, "stage": "$default"},
    }
    answer = handler_of("order_desk")(event, Context())
    body = base64.b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"].encode()
    return Reply(answer["statusCode"], body, {**answer["headers"], **_DATED})


def _jwt(claims: dict[str, Any]) -> str:
    parts = ({"alg": "RS256", "typ": "JWT"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join((*encoded, "c2lnbmF0dXJl"))

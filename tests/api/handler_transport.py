"""A transport without a network: each request becomes an API Gateway event, which the route's real handler takes."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from local.api_client import ApiClient, ApiRequest, ApiResponse, response_of
from tests.api.handlers import SentResponse, sent_response
from tests.lambda_events import Person, event
from tests.template_routes import Route, routes

_MESSAGE = {"Content-Type": "application/json"}
_UNAUTHORIZED = SentResponse(401, {**_MESSAGE, "WWW-Authenticate": "Bearer"}, b'{"message":"Unauthorized"}')
_NOT_FOUND = SentResponse(404, _MESSAGE, b'{"message":"Not Found"}')
_ROUTES = tuple(routes())


@dataclass(frozen=True, slots=True)
class MatchedRoute:
    """The route that takes a request, and what its path names."""

    route: Route
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HandlerTransport:
    """The template's HTTP API in this process. `authorize` is the authorizer: whose token it is, None for nobody's."""

    authorize: Callable[[str], Person | None]

    def __call__(self, request: ApiRequest) -> ApiResponse:
        return response_of(*self.respond(request))

    def respond(self, request: ApiRequest) -> SentResponse:
        """What goes over the network. An error that a handler raises is raised."""
        matched = matched_route(request.method, request.path.partition("?")[0])
        if matched is None:
            return _NOT_FOUND
        headers = {name.lower(): value for name, value in request.headers.items()}
        person = self.authorize(headers.get("authorization", "").removeprefix("Bearer "))
        if person is None and not matched.route.public:
            return _UNAUTHORIZED
        return sent_response(matched.route.function, event_of(request, matched, person))


def client_of(person: Person) -> ApiClient:
    """A client of the handlers, as this person."""
    return ApiClient(HandlerTransport(Person.of_token), person.token)


def matched_route(method: str, path: str) -> MatchedRoute | None:
    """The route for a request, with the path still percent-encoded."""
    segments = path.split("/")
    for route in _ROUTES:
        wanted = route.path.split("/")
        pairs = list(zip(wanted, segments, strict=False))
        if route.method == method and len(wanted) == len(segments) and all(_fits(*pair) for pair in pairs):
            return MatchedRoute(route, {name[1:-1]: unquote(value) for name, value in pairs if name.startswith("{")})
    return None


def event_of(request: ApiRequest, matched: MatchedRoute, person: Person | None) -> dict[str, Any]:
    """The request in payload format 2.0: text as text, other bytes in base64. The rest is the example event's."""
    path, _, query = request.path.partition("?")
    filled = event("order_read") | {
        "routeKey": matched.route.key,
        "rawPath": unquote(path),
        "rawQueryString": query,
        "headers": {name.lower(): value for name, value in request.headers.items()},
        "pathParameters": dict(matched.parameters),
        **_body_of(request.body or b""),
    }
    if query:
        values = parse_qs(query, keep_blank_values=True, errors="replace")
        filled["queryStringParameters"] = {name: ",".join(several) for name, several in values.items()}
    context = filled["requestContext"]
    context["routeKey"] = matched.route.key
    context["http"] |= {"method": request.method, "path": unquote(path)}
    if person is None:
        del context["authorizer"]
    else:
        context["authorizer"]["jwt"]["claims"] |= person.claims
    return filled


def _body_of(body: bytes) -> dict[str, Any]:
    try:
        return {"body": body.decode(), "isBase64Encoded": False}
    except UnicodeDecodeError:
        return {"body": b64encode(body).decode(), "isBase64Encoded": True}


def _fits(wanted: str, segment: str) -> bool:
    return bool(segment) if wanted.startswith("{") else wanted == segment

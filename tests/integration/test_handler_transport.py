"""A request without a network reaches the handler as one over API Gateway does."""

from local.api_client import ApiClient, ApiRequest
from tests.api.handler_transport import HandlerTransport, client_of, event_of, matched_route
from tests.integration.shop import Shop
from tests.lambda_events import BUYER, Person
from tests.recorded_events import event_of as recorded_event_of


def test_a_query_reaches_the_handler(shop: Shop) -> None:
    order_id = shop.create()
    shop.ports.store.record_events([recorded_event_of(shop.head(order_id))])
    client = client_of(BUYER)
    assert [event["seq"] for event in client.read_history(order_id).document["events"]] == [1]
    assert client.read_history(order_id, after=1).document["events"] == []


def test_nobodys_token_is_refused_where_the_route_is_not_public(shop: Shop) -> None:
    nobody = ApiClient(HandlerTransport(Person.of_token), "nonsense")
    assert nobody.read_order(shop.create()).status == 401
    assert nobody.call("GET", "/openapi.json").status == 200


def test_an_unknown_route_is_not_found(shop: Shop) -> None:
    assert client_of(BUYER).call("GET", "/nowhere").status == 404


def test_bytes_that_are_no_text_come_in_base64() -> None:
    request = ApiRequest("POST", "/gateways/sandbox/callbacks?a=1&a=2&b", {"X-Odd": "1"}, b"\xff")
    matched = matched_route(request.method, "/gateways/sandbox/callbacks")
    assert matched is not None
    event = event_of(request, matched, None)
    assert (event["body"], event["isBase64Encoded"], event["headers"]) == ("/w==", True, {"x-odd": "1"})
    assert (event["queryStringParameters"], event["pathParameters"]) == ({"a": "1,2", "b": ""}, {"gateway": "sandbox"})
    assert "authorizer" not in event["requestContext"]

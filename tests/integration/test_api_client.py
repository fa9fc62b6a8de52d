"""A client gets the response, or a statement that the outcome of the call is unknown."""

from collections.abc import Iterator

import pytest

from local.api_client import ApiClient, HttpTransport, NoResponse, UnexpectedResponse
from tests.fakes.loopback_server import LoopbackServer, Reply, json_reply


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer(lambda asked: json_reply({"order_id": "A"}, 201, {"ETag": '"1.1"'})) as loopback:
        yield loopback


def client_of(server: LoopbackServer) -> ApiClient:
    return ApiClient(HttpTransport(f"{server.url}/stage"), "the-token")


def test_a_call_has_path_token_and_headers_of_its_own(server: LoopbackServer) -> None:
    response = client_of(server).edit_order("A", {"note": "Ring twice"}, revision=3)
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.body) == ("PATCH", "/stage/orders/A", b'{"note": "Ring twice"}')
    assert (asked.headers["authorization"], asked.headers["if-match"]) == ("Bearer the-token", '"3"')
    assert (response.status, response.headers["etag"], response.document) == (201, '"1.1"', {"order_id": "A"})


def test_a_redirect_is_not_followed(server: LoopbackServer) -> None:
    server.answers = lambda asked: Reply(303, b"", {"Location": "http://127.0.0.1:1/"})
    assert client_of(server).read_order("A").headers["location"] == "http://127.0.0.1:1/"


def test_text_is_a_body_and_no_document(server: LoopbackServer) -> None:
    server.answers = lambda asked: Reply(502, b"<html>", {"Content-Type": "text/html"})
    response = client_of(server).read_order("A")
    assert (response.status, response.body, response.document) == (502, "<html>", {})


def test_a_response_that_breaks_off_is_none(server: LoopbackServer) -> None:
    server.answers = lambda asked: Reply(200, b'{"order_id": ', {"Content-Type": "application/json"})
    with pytest.raises(NoResponse, match=r"GET .*/orders/A"):
        client_of(server).read_order("A")


def test_a_closed_port_gives_no_response() -> None:
    with pytest.raises(NoResponse):
        ApiClient(HttpTransport("http://127.0.0.1:1"), "").read_order("A")


def test_another_status_than_the_expected_one_is_an_error_that_shows_the_body(server: LoopbackServer) -> None:
    response = client_of(server).read_order("A")
    assert response.expect(200, 201) == {"order_id": "A"}
    with pytest.raises(UnexpectedResponse, match=r"got 201.*order_id"):
        response.expect(200)

"""The failure classes of gateway calls, over a real socket."""

import socket
import threading
from collections.abc import Iterator

import pytest

from paylatch.domain.errors import (
    GatewayError,
    Misconfigured,
    NotAsked,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Transient,
)
from paylatch.gateways.gateway_http import (
    LONGEST_ANSWER,
    LONGEST_IDLE_SECONDS,
    GatewayHttp,
    HttpSender,
    Request,
    sending_while,
)
from paylatch.version import VERSION
from tests.fakes.loopback_server import LoopbackServer, ReceivedRequest, Reply


class Server:
    reply = Reply(200, b"ok")

    def __call__(self, asked: ReceivedRequest) -> Reply:
        return self.reply


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def loopback(server: Server) -> Iterator[LoopbackServer]:
    with LoopbackServer(server) as loopback:
        yield loopback


def gateway_http(read: float = 2.0) -> GatewayHttp:
    return GatewayHttp("sandbox", HttpSender(connect=0.5, read=read))


def get(address: str) -> Request:
    return Request("GET", address, {"accept": "*/*"})


def test_requests_arrive_and_responses_are_returned(loopback: LoopbackServer, server: Server) -> None:
    server.reply = Reply(201, b"made", {"X-Answer": "yes"})
    response = gateway_http().call(Request("POST", f"{loopback.url}/things?a=1", {"x-asked": "so"}, b"body"))
    assert (response.status, response.body, response.headers["x-answer"]) == (201, b"made", "yes")
    (asked,) = loopback.asked
    assert (asked.method, asked.path, asked.query, asked.body) == ("POST", "/things", {"a": "1"}, b"body")
    assert asked.headers["x-asked"] == "so"


def test_a_call_names_our_version_unless_a_library_names_itself(loopback: LoopbackServer) -> None:
    gateway_http().call(get(loopback.url))
    gateway_http().call(Request("GET", loopback.url, {"User-Agent": "Stripe/v1"}))

    assert [asked.headers["user-agent"] for asked in loopback.asked] == [f"Paylatch/{VERSION}", "Stripe/v1"]


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (400, Refused),
        (401, Misconfigured),
        (403, Misconfigured),
        (404, Refused),
        (408, OutcomeUnknown),
        (409, Refused),
        (422, Refused),
        (429, RateLimited),
        (500, OutcomeUnknown),
        (502, OutcomeUnknown),
        (503, OutcomeUnknown),
        (504, OutcomeUnknown),
    ],
)
def test_each_status_has_its_class(
    loopback: LoopbackServer, server: Server, status: int, failure: type[GatewayError]
) -> None:
    server.reply = Reply(status, b"because")
    with pytest.raises(failure, match=f"{status} because") as raised:
        gateway_http().call(get(loopback.url))
    assert type(raised.value) is failure
    assert raised.value.gateway == "sandbox"


def test_a_status_that_the_caller_understands_is_no_failure(loopback: LoopbackServer, server: Server) -> None:
    server.reply = Reply(404)
    assert gateway_http().call(get(loopback.url), meaningful=(404,)).status == 404


def test_a_redirect_is_an_answer_and_is_not_followed(loopback: LoopbackServer, server: Server) -> None:
    server.reply = Reply(302, b"{}", {"Location": f"{loopback.url}/elsewhere"})
    assert gateway_http().call(get(f"{loopback.url}/here")).status == 302
    assert [asked.path for asked in loopback.asked] == ["/here"]


def test_a_refused_connection_was_certainly_not_executed() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(Transient):
        gateway_http().call(get(f"http://127.0.0.1:{port}/"))


@pytest.mark.parametrize("address", ["http://no-such-host.invalid/", "http://[broken/", "not an address"])
def test_an_address_that_leads_nowhere_was_certainly_not_executed(address: str) -> None:
    with pytest.raises(Transient):
        gateway_http().call(get(address))


def test_a_call_for_which_no_time_is_left_is_not_made(loopback: LoopbackServer) -> None:
    with sending_while(lambda: False), pytest.raises(NotAsked, match="not asked: no time is left"):
        gateway_http().call(get(loopback.url))
    assert loopback.asked == []
    assert gateway_http().call(get(loopback.url)).status == 200


def test_no_answer_in_time_leaves_the_outcome_unknown(loopback: LoopbackServer) -> None:
    loopback.stalls = lambda asked: True
    with pytest.raises(OutcomeUnknown):
        gateway_http(read=0.2).call(get(loopback.url))
    assert len(loopback.asked) == 1


def test_an_answer_that_is_too_long_leaves_the_outcome_unknown_and_the_next_call_alone(
    loopback: LoopbackServer, server: Server
) -> None:
    one = gateway_http()
    server.reply = Reply(200, b"a" * (LONGEST_ANSWER + 70_000))
    with pytest.raises(OutcomeUnknown, match="longer"):
        one.call(get(loopback.url))
    server.reply = Reply(200, b"a" * LONGEST_ANSWER)
    assert len(one.call(get(loopback.url)).body) == LONGEST_ANSWER


def test_an_idle_connection_is_not_reused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server closes it in the meantime, and a frozen execution environment does not notice."""
    now = [1_000_000.0]
    monkeypatch.setattr("paylatch.gateways.gateway_http.time.time", lambda: now[0])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connections: list[socket.socket] = []

        def answer() -> None:
            while len(connections) < 2:
                connection, _ = listener.accept()
                connections.append(connection)
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        one, request = gateway_http(), get(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        one.call(request)
        now[0] += 60
        assert one.call(request).body == b"ok"
        thread.join(5)
        assert len(connections) == 2
        for connection in connections:
            connection.close()


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"])
def test_a_connection_that_breaks_leaves_the_outcome_unknown(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def break_off() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=break_off, daemon=True)
        thread.start()
        with pytest.raises(OutcomeUnknown):
            gateway_http().call(get(f"http://127.0.0.1:{port}/"))
        thread.join()


def test_no_connection_is_older_than_the_longest_idle_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several threads share the pool: that one connection is in use says nothing of the others."""
    now = [1_000_000.0]
    monkeypatch.setattr("paylatch.gateways.gateway_http.time.time", lambda: now[0])
    sender, pools = HttpSender(), []
    for _ in range(4):
        pools.append(sender._fresh_pool())
        now[0] += 0.4 * LONGEST_IDLE_SECONDS
    assert pools[0] is pools[1] is pools[2]
    assert pools[3] is not pools[0]

"""A server in front of a peer, for a deployed stack: it forwards the adapter's requests, completed where necessary."""

from urllib.parse import urlencode

from paylatch.gateways.gateway_http import ConnectionFailed, Request, ResponseLost, Send
from tests.fakes.loopback_server import LoopbackServer, ReceivedRequest, Reply

# Those that belong to one connection, or to the address that is asked.
_OWN = ("host", "content-length", "connection", "accept-encoding", "transfer-encoding")


def forwarding_server(send: Send, address: str) -> LoopbackServer:
    """Forward every request to the address, at once: a peer may call the stack back before it answers."""

    def answer(asked: ReceivedRequest) -> Reply:
        query = f"?{urlencode(asked.query)}" if asked.query else ""
        headers = {name: value for name, value in asked.headers.items() if name not in _OWN}
        try:
            response = send(Request(asked.method, f"{address}{asked.path}{query}", headers, asked.body or None))
        except (ConnectionFailed, ResponseLost):
            return Reply(502)
        kept = {name: value for name, value in response.headers.items() if name in ("content-type", "location")}
        return Reply(response.status, response.body, kept)

    return LoopbackServer(answer, at_once=True)

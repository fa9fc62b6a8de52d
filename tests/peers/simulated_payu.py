"""`python-getpaid-simulator`, standing in for PayU."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from paylatch.gateways.gateway_http import HttpSender, Request, Response
from tests.peers.programs import free_port, installed, running

SECOND_KEY = "13a980d4f851f3d9a1cfc792fb1f5e50"
SECRET: dict[str, object] = {
    "pos_id": "145227",
    "client_id": "145227",
    "client_secret": "12f071174cb7eb79d4aac5bc2f07563f",
    "second_keys": [SECOND_KEY],
}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@contextmanager
def running_peer(folder: Path) -> Iterator[str]:
    """Its address, while it runs."""
    program, port = installed("payu/bin/getpaid-simulator"), free_port()
    environment = {"SIMULATOR_PLUGIN_FAILURE_MODE": "strict", "SIMULATOR_PAYU_SECOND_KEY": SECOND_KEY}
    command = [str(program), "--host", "127.0.0.1", "--port", str(port)]
    with running(command, port, folder / "simulator.log", environment) as address:
        yield address


def act(pay_url: str, action: str) -> Response:
    """What a button of the hosted page does: `approve` or `reject`."""
    return HttpSender(read=30)(Request("POST", pay_url, FORM, f"action={action}".encode()))


def states_on_the_dashboard(address: str) -> dict[str, str]:
    """The peer's own list of its orders."""
    page = HttpSender()(Request("GET", f"{address}/sim/dashboard?provider=payu", {})).body.decode()
    found = re.findall(r"\b(PENDING|COMPLETED|CANCELED)\b.*?/sim/payu/authorize/([^\"]+)", page, re.DOTALL)
    return {order_id: status for status, order_id in found}

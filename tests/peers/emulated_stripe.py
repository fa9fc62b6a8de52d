"""npm's `emulate`, standing in for Stripe."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from paylatch.gateways.gateway_http import HttpSender, Request
from tests.peers.programs import free_port, installed, running

WEBHOOK_SECRET = "whsec_of_the_emulated_stripe"
SECRET: dict[str, object] = {"api_key": "sk_test_emulated", "webhook_secrets": [WEBHOOK_SECRET]}
HERE = Path(__file__).parent


@contextmanager
def running_peer(folder: Path, callback_url: str) -> Iterator[str]:
    """Its address, while it runs and sends its webhooks to that one."""
    program, port = installed("node_modules/emulate/dist/index.js"), free_port()
    events = ["checkout.session.completed", "checkout.session.expired"]
    webhook = {"url": callback_url, "events": events, "secret": WEBHOOK_SECRET}
    seed = folder / "emulate.yaml"
    # JSON is YAML.
    seed.write_text(json.dumps({"stripe": {"webhooks": [webhook]}}))
    command = ["node", "--require", str(HERE / "bind_loopback.cjs"), str(program)]
    command += ["start", "--service", "stripe", "--port", str(port), "--seed", str(seed)]
    with running(command, port, folder / "emulate.log", {}) as address:
        yield address


def pay(pay_url: str) -> None:
    """What the payer does on the hosted page."""
    assert HttpSender()(Request("GET", pay_url, {})).status == 200
    complete(pay_url)


def complete(pay_url: str) -> None:
    """What the hosted page's button does."""
    HttpSender(read=30)(Request("POST", f"{pay_url}/complete", {}, b"email=buyer%40shop.example"))

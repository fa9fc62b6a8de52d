"""`python -m tests.faults.deployed`: the matrix once more, with the deployed functions at the proxies' other end.

The functions run in the emulator's own worker processes and are called through its API with real tokens. Time cannot be
moved there, so the calls of people are disturbed, and what the sweep makes of them later is not waited for.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import urllib3

from local import aws, ports, tools
from local.stack import Plan, Stack, running
from paylatch.store.connection import TableConnection
from tests.conftest import NOON
from tests.fakes.settable_clock import SettableClock
from tests.faults.call_sites import CallNumbers, calls_in
from tests.faults.fault_proxy import Fault, FaultProxy
from tests.faults.matrix import (
    Cell,
    Extent,
    Strike,
    Verdict,
    ask_again,
    contradicts,
    disturbing,
    in_short,
    is_retried,
    strikes,
    struck_sites,
)
from tests.faults.printing import printed, summed_up
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.faults.wired_shop import Told, WiredShop
from tests.faults.wires import REGION, Wires

CHOSEN = ("create", "payment request", "edit", "cancel payment", "cancel order", "read order", "read payment")
DISTURBED = ("Orders", "PaymentRequests", "PaymentCancellations")
# Longer than the gateway's client waits, which here has the product's own patience.
STALL = 7.0


@dataclass
class DeployedShop(WiredShop):
    """Speaks HTTP to the deployed API."""

    stack: Stack | None = None

    def _send(self, name: str, filled: dict[str, Any]) -> Told:
        if self.stack is None:
            raise LookupError("no stack to speak to")
        claims = filled["requestContext"]["authorizer"]["jwt"]["claims"]
        token = self.stack.tokens[claims["cognito:groups"].strip("[]")]
        kept = ("content-type", "idempotency-key", "if-match")
        headers = {header: value for header, value in filled["headers"].items() if header in kept}
        answer = urllib3.request(
            filled["requestContext"]["http"]["method"],
            self.stack.api_url + filled["rawPath"],
            body=self._of_this_shop(filled.get("body")),
            headers={**headers, "authorization": f"Bearer {token}"},
            timeout=35,
            retries=False,
        )
        return Told(answer.status, answer.json() if answer.data else None)

    def _of_this_shop(self, body: str | None) -> str | None:
        """The buyer and the seller of the example events have other names here."""
        if body is None or self.stack is None:
            return body
        sample = {"5c1f3f9e-8f0e-4c1c-9c37-1f1d6f6a0b11": self.stack.buyer_id}
        sample |= {"b7a0c5d2-13f4-4b0e-a7c9-6a1c1f0e9d22": self.stack.seller_id}
        for theirs, ours in sample.items():
            body = body.replace(theirs, ours)
        return body


def main() -> int:
    """Print the matrix; 1 where a caller was told something false."""
    tools.require()
    chosen = [scenario for scenario in SCENARIOS if scenario.name in CHOSEN]
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Plan(ports.claim(0, 0, 0), Path(folder))) as (stack, _),
        _strung(stack) as wires,
    ):
        return summed_up([cell for each in chosen for cell in printed(list(_cells(each, stack, wires)))])


@contextlib.contextmanager
def _strung(stack: Stack) -> Iterator[Wires]:
    """The functions that people call, connected to table and gateway through proxies."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    direct = TableConnection(stack.table, REGION, stack.aws_endpoint_url)
    with FaultProxy(stack.aws_endpoint_url, STALL) as table, FaultProxy(stack.sandbox_url, STALL) as gateway:
        client = aws.session().client("lambda", endpoint_url=stack.aws_endpoint_url)
        for function in client.list_functions()["Functions"]:
            if any(f"-{name}Function" in function["FunctionName"] for name in DISTURBED):
                variables = function["Environment"]["Variables"]
                variables |= {"AWS_ENDPOINT_URL_DYNAMODB": table.url, "PAYLATCH_SANDBOX_URL": gateway.url}
                client.update_function_configuration(
                    FunctionName=function["FunctionName"], Environment={"Variables": variables}
                )
        yield Wires(table, gateway, direct, direct, SettableClock(NOON), [])


def _cells(scenario: Scenario, stack: Stack, wires: Wires) -> Iterator[Cell]:
    shop = _arranged(scenario, stack, wires)
    if not scenario.told_rightly(shop, scenario.act(shop)):
        raise AssertionError(f"{scenario.name} fails without any fault")
    calls = calls_in(wires.seen)
    for site in struck_sites(scenario, calls):
        # Nobody else is about, whose next step a late try could wait for.
        for strike in (strike for strike in strikes(site) if strike.extent is not Extent.UNTIL_OTHERS_ACTED):
            yield _cell(scenario, _arranged(scenario, stack, wires), calls, strike)


def _cell(scenario: Scenario, shop: WiredShop, undisturbed: tuple[str, ...], strike: Strike) -> Cell:
    wires = shop.wires
    wires.decide_by(disturbing(strike, CallNumbers().site_of))
    told = [scenario.act(shop)]
    wires.decide_by(lambda seen: None)
    extra = set(calls_in(wires.seen)) - set(undisturbed)
    ask_again(scenario, shop, told)
    return Cell(scenario.name, strike, _verdict(scenario, shop, told, strike, bool(extra)), in_short(told))


def _verdict(scenario: Scenario, shop: WiredShop, told: list[Told], strike: Strike, extra: bool) -> Verdict:
    if not scenario.told_rightly(shop, told[-1]):
        return Verdict.FALSE
    if strike.fault is Fault.FIRST_TRY_LATE and contradicts(shop, strike):
        return Verdict.CONTRADICTED
    if len(told) > 1:
        return Verdict.TRUE_WHEN_ASKED_AGAIN
    return Verdict.EXTRA_READ if extra and is_retried(strike) else Verdict.TRUE_AT_ONCE


def _arranged(scenario: Scenario, stack: Stack, wires: Wires) -> WiredShop:
    shop = DeployedShop(wires, order_key=f"order-{next(_numbers)}", stack=stack)
    scenario.arrange(shop)
    wires.forget()
    return shop


_numbers = count()

if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.faults.deployed`: the matrix once more, with the deployed functions at the proxies' other end.

The functions run in the emulator's own worker processes and are called through its API with real tokens. The clock
cannot be moved there, so only people's calls get faults, and the later sweep is not waited for.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from itertools import count

from local import aws, tools
from local.api_client import ApiResponse
from local.arguments import take_none
from local.stack import Stack, temporary
from paylatch.store.connection import TableConnection
from tests.conftest import NOON
from tests.fakes.settable_clock import SettableClock
from tests.faults.call_sites import CallNumbers, calls_in
from tests.faults.fault_proxy import FaultProxy, NetworkFault
from tests.faults.matrix import (
    CallVerdict,
    Cell,
    FaultDuration,
    FaultInjection,
    ask_again,
    contradicts,
    injected_sites,
    injecting,
    injections,
    is_retried,
    summary_of,
)
from tests.faults.printing import printed, summed_up
from tests.faults.proxied_connections import REGION, ProxiedConnections
from tests.faults.proxied_shop import Callers, ProxiedShop
from tests.faults.scenarios import SCENARIOS, FaultScenario

CHOSEN = ("create", "payment request", "edit", "cancel payment", "cancel order", "read order", "read payment")
PROXIED_FUNCTIONS = ("Orders", "PaymentRequests", "PaymentCancellations")
# Longer than the timeout of the gateway's client, which is the product's own here.
STALL = 7.0


def main() -> int:
    """Print the matrix; return 1 where a response is false."""
    take_none(__doc__)
    tools.require()
    chosen = [scenario for scenario in SCENARIOS if scenario.name in CHOSEN]
    with temporary() as stack, _connected_functions(stack) as connections:
        return summed_up([cell for each in chosen for cell in printed(list(_cells(each, stack, connections)))])


@contextlib.contextmanager
def _connected_functions(stack: Stack) -> Iterator[ProxiedConnections]:
    """The functions that people call, connected to table and gateway through proxies."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    direct = TableConnection(stack.table, REGION, stack.aws_endpoint_url)
    with FaultProxy(stack.aws_endpoint_url, STALL) as table, FaultProxy(stack.sandbox_url, STALL) as gateway:
        client = aws.session().client("lambda", endpoint_url=stack.aws_endpoint_url)
        for function in client.list_functions()["Functions"]:
            if any(f"-{name}Function" in function["FunctionName"] for name in PROXIED_FUNCTIONS):
                variables = function["Environment"]["Variables"]
                variables |= {"AWS_ENDPOINT_URL_DYNAMODB": table.url, "PAYLATCH_SANDBOX_URL": gateway.url}
                client.update_function_configuration(
                    FunctionName=function["FunctionName"], Environment={"Variables": variables}
                )
        yield ProxiedConnections(table, gateway, direct, direct, SettableClock(NOON), [])


def _cells(scenario: FaultScenario, stack: Stack, connections: ProxiedConnections) -> Iterator[Cell]:
    shop = _arranged(scenario, stack, connections)
    if not scenario.is_correct(shop, scenario.act(shop)):
        raise AssertionError(f"{scenario.name} fails without any fault")
    calls = calls_in(connections.seen)
    for site in injected_sites(scenario, calls):
        # There are no other callers whose next step a late try could wait for.
        for injection in (
            injection for injection in injections(site) if injection.duration is not FaultDuration.UNTIL_OTHERS_ACTED
        ):
            yield _cell(scenario, _arranged(scenario, stack, connections), calls, injection)


def _cell(scenario: FaultScenario, shop: ProxiedShop, baseline: tuple[str, ...], injection: FaultInjection) -> Cell:
    connections = shop.connections
    connections.decide_by(injecting(injection, CallNumbers().site_of))
    responses = [scenario.act(shop)]
    connections.decide_by(lambda seen: None)
    extra = set(calls_in(connections.seen)) - set(baseline)
    ask_again(scenario, shop, responses)
    return Cell(
        scenario.name, injection, _verdict(scenario, shop, responses, injection, bool(extra)), summary_of(responses)
    )


def _verdict(
    scenario: FaultScenario, shop: ProxiedShop, responses: list[ApiResponse], injection: FaultInjection, extra: bool
) -> CallVerdict:
    if not scenario.is_correct(shop, responses[-1]):
        return CallVerdict.FALSE
    if injection.fault is NetworkFault.FIRST_TRY_LATE and contradicts(shop, injection):
        return CallVerdict.CONTRADICTED
    if len(responses) > 1:
        return CallVerdict.TRUE_WHEN_ASKED_AGAIN
    return CallVerdict.EXTRA_READ if extra and is_retried(injection) else CallVerdict.TRUE_AT_ONCE


def _arranged(scenario: FaultScenario, stack: Stack, connections: ProxiedConnections) -> ProxiedShop:
    callers = Callers(stack.client, stack.buyer_id, stack.seller_id)
    shop = ProxiedShop(connections, order_key=f"order-{next(_numbers)}", callers=callers)
    scenario.arrange(shop)
    connections.reset()
    return shop


_numbers = count()

if __name__ == "__main__":
    sys.exit(main())

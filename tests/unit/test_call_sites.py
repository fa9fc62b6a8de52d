"""The lost-response matrix injects faults into each call of an operation separately, and counts a retry as the same
call.
"""

import json
from itertools import product

from tests.faults.call_sites import CallNumbers, calls_in
from tests.faults.fault_proxy import NetworkFault, Seen
from tests.faults.matrix import LOST, SHORT, FaultDuration, FaultInjection, injected_sites, injecting, injections
from tests.faults.scenarios import SCENARIOS

HEAD = "table: GetItem HEAD"
WRITE = "table: UpdateItem OrderEdited"
VOID = "gateway: POST /sessions/…/void"


def read(call: str) -> Seen:
    headers = {"x-amz-target": "DynamoDB_20120810.GetItem", "amz-sdk-invocation-id": call}
    return Seen("POST", "/", headers, json.dumps({"Key": {"sk": {"S": "HEAD"}}}).encode())


def void() -> Seen:
    return Seen("POST", "/sessions/D7KY3NPF3FM5GY6V_GGAQ3T7D/void", {}, b"{}")


def test_equal_calls_are_numbered_and_a_retry_is_the_same_call() -> None:
    assert calls_in([read("a"), read("a"), void(), read("b"), read("a")]) == (HEAD, VOID, f"{HEAD} (2)")


def test_the_gateways_client_never_tries_again_so_each_request_is_a_call() -> None:
    assert calls_in([void(), read("a"), void()]) == (VOID, HEAD, f"{VOID} (2)")


def test_a_fault_strikes_one_call_alone_once_or_every_time_it_is_tried() -> None:
    tries = [read("a"), read("b"), read("b"), read("c")]
    lost = NetworkFault.REQUEST_LOST
    once = injecting(FaultInjection(f"{HEAD} (2)", lost, FaultDuration.ONCE), CallNumbers().site_of)
    every_time = injecting(FaultInjection(f"{HEAD} (2)", lost, FaultDuration.UNTIL_GIVEN_UP), CallNumbers().site_of)
    assert [once(seen) for seen in tries] == [None, lost, None, None]
    assert [every_time(seen) for seen in tries] == [None, lost, lost, None]


def test_of_an_indexs_shards_the_first_and_the_last_are_struck_unless_each_is_asked_for() -> None:
    shards = tuple(f"table: Query due{number}" for number in ("", " (2)", " (3)"))
    calls = (HEAD, *shards, f"{HEAD} (2)")
    named = {scenario.name: scenario for scenario in SCENARIOS}
    assert injected_sites(named["sweep: nothing is due"], calls) == list(calls)
    assert injected_sites(named["sweep: timeout"], calls) == [HEAD, shards[0], shards[2], f"{HEAD} (2)"]


def test_a_loss_is_single_or_lasting_and_at_the_gateway_single() -> None:
    extents = {FaultDuration.ONCE, FaultDuration.UNTIL_GIVEN_UP}
    assert {(injection.fault, injection.duration) for injection in injections(HEAD)} == set(product(LOST, extents))
    assert {(injection.fault, injection.duration) for injection in injections(VOID)} == {
        (fault, FaultDuration.ONCE) for fault in LOST
    }


def test_the_first_try_of_a_conditional_write_arrives_after_the_answer_or_after_others_acted() -> None:
    late = {injection.duration for injection in injections(WRITE) if injection.fault is NetworkFault.FIRST_TRY_LATE}
    assert late == {FaultDuration.UNTIL_ANSWERED, FaultDuration.UNTIL_OTHERS_ACTED}
    assert {injection.fault for injection in injections(WRITE)} == set(NetworkFault)


def test_a_short_run_has_one_fault_of_each_effect() -> None:
    faults = {site: {injection.fault for injection in injections(site, SHORT)} for site in (HEAD, WRITE)}
    assert faults == {HEAD: {NetworkFault.REQUEST_LOST, NetworkFault.RESPONSE_LOST}, WRITE: set(SHORT)}


def test_no_two_scenarios_have_one_name() -> None:
    names = [scenario.name for scenario in SCENARIOS]
    assert len(set(names)) == len(names)

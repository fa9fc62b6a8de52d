"""An outage's view: what needs a person, by gateway and cause, and one action for all orders of a group."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.api_client import ApiResponse
from paylatch.domain import attention
from paylatch.domain.errors import CallPostponed, OutcomeUnknown, Refused, Transient
from paylatch.domain.shards import shard_of
from paylatch.ports import Gateways, Index, RefundState, VoidAnswer, VoidKind
from paylatch.runtime import wiring
from paylatch.store.connection import TableConnection
from paylatch.use_cases import act_on_group
from tests.api.handlers import Context
from tests.fakes.scripted_gateway import LONGEST_PROCESSING, ScriptedGateway
from tests.integration.failing_queries import failing_queries
from tests.integration.shop import Shop
from tests.lambda_events import OPERATOR, http_event

RELEASES = ("sandbox", "release_unconfirmed")
NOTHING: Mapping[str, str] = {}
REASON = {"reason": "The gateway has been down since Friday."}


def groups(shop: Shop) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shop.operator("attention_groups", "").body["groups"]
    return found


def act(
    shop: Shop, action: str, group: tuple[str, str], body: Mapping[str, str] = NOTHING, context: Context | None = None
) -> ApiResponse:
    """Send the example of a call for a group about this group."""
    gateway, cause = group
    filled = http_event(f"group_{action}", person=OPERATOR, body=dict(body))
    path = f"/operations/attention/groups/{gateway}/{cause}/{action}"
    filled |= {"rawPath": path, "pathParameters": {"gateway": gateway, "cause": cause}}
    filled["requestContext"]["http"]["path"] = path
    return shop.send(f"group_{action}", filled, context)


def all_calls(shop: Shop, action: str, body: Mapping[str, str] = NOTHING) -> Iterator[dict[str, Any]]:
    """The answers of as many calls as the group takes."""
    answer = act(shop, action, RELEASES, body).body
    yield answer
    while answer["next_cursor"]:
        answer = act(shop, action, RELEASES, {**body, "cursor": answer["next_cursor"]}).body
        yield answer


def releasing(shop: Shop, number: int, **fields: Any) -> list[str]:
    """So many orders, locked by cancelled payments that their gateway does not confirm."""
    order_ids = []
    for _ in range(number):
        order_id, attempt_id = shop.locked(**fields)
        gateway = shop.gateways.made[shop.head(order_id).attempt.gateway]  # type: ignore[union-attr]
        assert isinstance(gateway, ScriptedGateway)
        gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
        assert shop.cancel_payment(order_id, attempt_id).status == 202
        order_ids.append(order_id)
    return order_ids


def test_an_outage_is_one_group_with_its_number_age_and_sum(shop: Shop) -> None:
    since = shop.clock.now()
    order_ids = releasing(shop, 3)
    shop.clock.advance(timedelta(minutes=2))
    reviewed, attempt_id = shop.locked("reviewed")
    shop.money(attempt_id, amount=2400)
    releases, reviews = groups(shop)
    assert (releases["gateway"], releases["cause"], releases["count"]) == (*RELEASES, 3)
    assert releases["oldest"].startswith(since.isoformat()[:19])
    assert releases["sums"] == [{"currency": "EUR", "amount": 7500}]
    assert {*releases["order_ids"]} == {*order_ids}
    assert (reviews["cause"], reviews["sums"], reviews["order_ids"]) == (
        "review",
        [{"currency": "EUR", "amount": 2400}],
        [reviewed],
    )


def test_each_gateway_has_groups_of_its_own(shop: Shop) -> None:
    shop.gateways.made["second"] = ScriptedGateway(shop.clock)
    releasing(shop, 1)
    releasing(shop, 1, gateway="second")
    assert [(group["gateway"], group["count"]) for group in groups(shop)] == [("sandbox", 1), ("second", 1)]


def test_money_that_waits_for_over_an_hour_is_a_group_too(shop: Shop) -> None:
    order_id, _, _ = shop.paid_twice_after_an_edit()
    shop.clock.advance(timedelta(minutes=59))
    assert groups(shop) == []
    shop.clock.advance(timedelta(minutes=1))
    (overdue,) = groups(shop)
    assert (overdue["cause"], overdue["count"], overdue["order_ids"]) == ("refund_overdue", 1, [order_id])
    assert overdue["sums"] == [{"currency": "EUR", "amount": 5000}], "the order owes two refunds"


def test_the_view_says_where_it_does_not_show_all(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paylatch.use_cases.group_attention.MOST_GROUPED", 2)
    releasing(shop, 2)
    assert shop.operator("attention_groups", "").body["complete"] is True
    releasing(shop, 1)
    answer = shop.operator("attention_groups", "").body
    assert (answer["complete"], answer["groups"][0]["count"]) == (False, 2)


def test_a_recheck_of_a_group_ends_every_release_that_the_gateway_confirms_by_now(shop: Shop) -> None:
    order_ids = releasing(shop, 3)
    answer = act(shop, "recheck", RELEASES)
    assert (answer.status, {*answer.body["done"]}) == (200, {*order_ids})
    assert (answer.body["waiting"], answer.body["refused"], answer.body["next_cursor"]) == ([], [], None)
    assert {shop.status(order_id) for order_id in order_ids} == {"pending_payment"}
    assert groups(shop) == []


def test_a_recheck_names_the_orders_that_still_wait(shop: Shop) -> None:
    (order_id,) = releasing(shop, 1)
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.IN_PROGRESS))
    answer = act(shop, "recheck", RELEASES).body
    assert (answer["done"], answer["waiting"], answer["next_cursor"]) == ([], [order_id], None)


def test_a_release_of_a_group_unlocks_every_order_and_the_history_keeps_the_reason(shop: Shop) -> None:
    order_ids = releasing(shop, 3)
    answer = act(shop, "release", RELEASES, REASON).body
    assert ({*answer["done"]}, answer["refused"]) == ({*order_ids}, [])
    for order_id in order_ids:
        event = shop.head(order_id).last_event
        assert (shop.status(order_id), event.actor) == ("pending_payment", OPERATOR.subject)
        assert dict(event.detail or {})["remark"] == REASON["reason"]


def test_a_second_release_of_a_group_changes_nothing(shop: Shop) -> None:
    order_ids = releasing(shop, 2)
    act(shop, "release", RELEASES, REASON)
    before = [shop.head(order_id) for order_id in order_ids]
    answer = act(shop, "release", RELEASES, REASON)
    assert (answer.status, answer.body["done"], answer.body["next_cursor"]) == (200, [], None)
    assert [shop.head(order_id) for order_id in order_ids] == before


@pytest.mark.parametrize("action", ["recheck", "release"])
def test_calls_of_a_few_orders_each_go_on_until_the_group_is_done(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    monkeypatch.setattr(act_on_group, "MOST_ACTED_ON", 2)
    order_ids = releasing(shop, 5)
    assert len({shard_of(order_id) for order_id in order_ids}) > 1, "of several parts of the index"
    answers = list(all_calls(shop, action, REASON if action == "release" else NOTHING))
    assert [len(answer["done"]) for answer in answers] == [2, 2, 1]
    assert sorted(order_id for answer in answers for order_id in answer["done"]) == sorted(order_ids)


def test_orders_that_still_wait_do_not_keep_a_call_from_going_on(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(act_on_group, "MOST_ACTED_ON", 2)
    order_ids = releasing(shop, 5)
    shop.gateway.answer_with("void", *[VoidAnswer(VoidKind.IN_PROGRESS)] * 5)
    answers = list(all_calls(shop, "recheck"))
    assert sorted(order_id for answer in answers for order_id in answer["waiting"]) == sorted(order_ids)


def test_a_group_s_orders_only_are_acted_on(shop: Shop) -> None:
    shop.gateways.made["second"] = ScriptedGateway(shop.clock)
    (other,) = releasing(shop, 1, gateway="second")
    reviewed, attempt_id = shop.locked("reviewed")
    shop.money(attempt_id, amount=2400)
    locked, _ = shop.locked("merely-locked")
    before = [shop.head(order_id) for order_id in (other, reviewed, locked)]
    (order_id,) = releasing(shop, 1)
    assert act(shop, "release", RELEASES, REASON).body["done"] == [order_id]
    assert [shop.head(each) for each in (other, reviewed, locked)] == before


def test_an_order_that_fails_fails_alone_with_its_code(shop: Shop) -> None:
    order_ids = releasing(shop, 2)
    shop.gateway.answer_with("query", OutcomeUnknown("sandbox", "no answer"))
    answer = act(shop, "recheck", RELEASES).body
    (refused,) = answer["refused"]
    assert refused["code"] == "gateway-unavailable"
    assert {refused["order_id"], *answer["done"]} == {*order_ids}


def test_an_unexpected_failure_of_one_order_does_not_stop_the_others(shop: Shop) -> None:
    releasing(shop, 3)
    shop.gateway.answer_with("query", ZeroDivisionError("a mistake"))
    answer = act(shop, "recheck", RELEASES).body
    assert ([order["code"] for order in answer["refused"]], len(answer["done"])) == (["internal-error"], 2)


def test_a_silent_gateway_is_not_asked_about_the_rest_of_a_group(shop: Shop) -> None:
    releasing(shop, 5)
    shop.gateway.answer_with("query", *[Transient("sandbox", "connection refused")] * 5)
    asked = len(shop.gateway.calls("query"))
    answer = act(shop, "recheck", RELEASES).body
    assert (len(answer["refused"]), answer["done"]) == (3, [])
    assert len(shop.gateway.calls("query")) - asked == 3
    assert answer["next_cursor"] is not None


def test_a_call_begins_no_order_for_which_too_little_time_is_left_and_the_next_call_goes_on(shop: Shop) -> None:
    releasing(shop, 3)
    answer = act(shop, "release", RELEASES, REASON, Context(lambda: 1_000)).body
    assert len(answer["done"]) == 1
    rest = act(shop, "release", RELEASES, {**REASON, "cursor": answer["next_cursor"]}).body
    assert (len(rest["done"]), rest["next_cursor"]) == (2, None)


class TwoOrdersOnly:
    """Gateways whose rate leaves two orders' calls."""

    def __init__(self, gateways: Gateways) -> None:
        self._gateways, self._left = gateways, 2
        self.default = gateways.default
        self.takes_payments, self.policy = gateways.takes_payments, gateways.policy

    def named(self, name: str) -> Any:
        if self._left == 0:
            raise CallPostponed(name, 3.2)
        self._left -= 1
        return self._gateways.named(name)


def test_where_the_gateway_s_rate_is_used_up_the_call_ends_and_says_for_how_long(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_ids = releasing(shop, 3)
    with monkeypatch.context() as patch:
        patch.setenv("PAYLATCH_RATE_SHARES", "4")
        patch.setattr(wiring, "_paced_for_groups", lambda: TwoOrdersOnly(shop.gateways))
        first = act(shop, "recheck", RELEASES).body
    assert (len(first["done"]), first["retry_after"]) == (2, 4)
    second = act(shop, "recheck", RELEASES, {"cursor": first["next_cursor"]}).body
    assert {*first["done"], *second["done"]} == {*order_ids}


def test_a_part_of_the_index_that_cannot_be_read_hides_no_other(shop: Shop, orders_table: TableConnection) -> None:
    order_ids = releasing(shop, 4)
    shards = {order_id: shard_of(order_id) for order_id in order_ids}
    broken = shards[order_ids[0]]
    with failing_queries(orders_table) as queries:
        queries.failing = {(Index.ATTENTION, broken)}
        answer = act(shop, "release", RELEASES, REASON).body
    assert {*answer["done"]} == {order_id for order_id in order_ids if shards[order_id] != broken}
    assert answer["unread"] == [f"attention/{broken}"]


def test_where_no_part_of_the_index_can_be_read_the_answer_says_so(shop: Shop, orders_table: TableConnection) -> None:
    with failing_queries(orders_table) as queries:
        queries.failing = {(Index.ATTENTION, None)}
        assert act(shop, "release", RELEASES, REASON).code == "store-unavailable"
        assert shop.operator("attention_groups", "").code == "store-unavailable"


@pytest.mark.parametrize(
    ("gateway", "cause", "body", "field"),
    [
        ("sandbox", "rain", {}, "cause"),
        ("Sand-Box", "review", {}, "gateway"),
        ("x" * 33, "review", {}, "gateway"),
        ("nowhere", "review", {}, "gateway"),
        ("sandbox", "review", {"cursor": "rain"}, "cursor"),
        ("sandbox", "review", {"cursor": ""}, "cursor"),
        ("sandbox", "review", {"cursor": "x" * 101}, "cursor"),
        ("sandbox", "review", {"extra": "1"}, "extra"),
    ],
)
def test_a_bad_request_names_what_is_wrong_and_does_nothing(
    shop: Shop, gateway: str, cause: str, body: dict[str, str], field: str
) -> None:
    (order_id,) = releasing(shop, 1)
    before = shop.head(order_id)
    answer = act(shop, "recheck", (gateway, cause), body)
    assert (answer.status, answer.code) == (400, "invalid-request")
    assert [error["field"] for error in answer.body["errors"]] == [field]
    assert shop.head(order_id) == before


def test_a_cursor_is_valid_in_its_own_group_alone(shop: Shop) -> None:
    group = attention.group_of("sandbox", "review")
    cursor = attention.cursor_after(attention.START, group)
    answer = act(shop, "recheck", RELEASES, {"cursor": cursor})
    assert answer.body["errors"][0]["field"] == "cursor"
    assert act(shop, "recheck", ("sandbox", "review"), {"cursor": cursor}).status == 200


def test_a_cursor_before_every_entry_is_refused(shop: Shop) -> None:
    group = attention.group_of("sandbox", "review")
    place = replace(attention.START, at=datetime(1, 1, 1, tzinfo=UTC))
    answer = act(shop, "recheck", ("sandbox", "review"), {"cursor": attention.cursor_after(place, group)})
    assert answer.body["errors"][0]["field"] == "cursor"


def test_only_what_a_release_ends_is_released(shop: Shop) -> None:
    reviewed, attempt_id = shop.locked("reviewed")
    shop.money(attempt_id, amount=2400)
    answer = act(shop, "release", ("sandbox", "review"), REASON)
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "cause")
    assert shop.status(reviewed) == "review"


def test_a_release_of_a_group_needs_a_reason(shop: Shop) -> None:
    assert act(shop, "release", RELEASES).body["errors"][0]["field"] == "reason"


def test_orders_of_a_gateway_that_is_gone_are_found_and_released(shop: Shop) -> None:
    order_ids = releasing(shop, 2)
    del shop.gateways.made["sandbox"]
    assert [group["gateway"] for group in groups(shop)] == ["sandbox"]
    assert {*act(shop, "release", RELEASES, REASON).body["done"]} == {*order_ids}


def test_a_payment_under_way_for_too_long_is_a_group_that_can_be_released(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.callback(shop.gateway.submit_payment(attempt_id))
    shop.clock.advance(LONGEST_PROCESSING - timedelta(milliseconds=1))
    assert groups(shop) == []
    shop.clock.advance(timedelta(milliseconds=1))
    assert [group["cause"] for group in groups(shop)] == ["processing_too_long"]
    assert act(shop, "release", ("sandbox", "processing_too_long"), REASON).body["done"] == [order_id]


def test_a_recheck_of_refused_refunds_finds_the_money_that_was_given_back_by_hand(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.edit_to_three_packets(order_id, 1)
    shop.money(attempt_id)
    shop.gateway.answer_with("refund", Refused("sandbox", "the account is closed"))
    shop.sweep()
    assert [group["cause"] for group in groups(shop)] == ["refund_refused"]
    shop.gateway.answer_with("query_refund", RefundState.DONE)
    assert act(shop, "recheck", ("sandbox", "refund_refused")).body["done"] == [order_id]
    assert groups(shop) == []


def test_a_payment_that_its_gateway_does_not_confirm_is_a_group_after_an_hour(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    shop.cancel_payment(order_id, attempt_id)
    shop.gateway.answer_with("query_payment", *[OutcomeUnknown("sandbox", "no answer")] * 2)
    shop.money(attempt_id)
    shop.clock.advance(timedelta(hours=1))
    (claimed,) = groups(shop)
    assert (claimed["cause"], claimed["order_ids"]) == ("payment_unconfirmed", [order_id])
    assert act(shop, "recheck", ("sandbox", "payment_unconfirmed")).body["done"] == [order_id]

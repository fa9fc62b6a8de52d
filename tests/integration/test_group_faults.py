"""A group of orders is worked through while calls die, get no answer, or come twice: nothing is lost or done twice."""

import pytest

from paylatch.domain.errors import StoreUnavailable
from paylatch.domain.transitions import Transition
from paylatch.ports import Applied, Rejected
from paylatch.store.dynamodb import DynamoOrderStore
from tests.integration.shop import Shop
from tests.integration.test_attention_groups import NOTHING, REASON, RELEASES, act, releasing


class Died(BaseException):
    """The function's process ends."""


@pytest.mark.parametrize("action", ["recheck", "release"])
@pytest.mark.parametrize("place", [1, 2])
def test_a_call_that_dies_between_two_orders_loses_nothing_and_the_same_call_again_goes_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, action: str, place: int
) -> None:
    order_ids, made = releasing(shop, 3), list[str]()
    versions = [shop.head(order_id).version for order_id in order_ids]
    apply = DynamoOrderStore.apply

    def dying(store: DynamoOrderStore, order_id: str, planned: Transition) -> Applied | Rejected:
        outcome = apply(store, order_id, planned)
        made.append(order_id)
        if len(made) == place:
            raise Died
        return outcome

    body = REASON if action == "release" else NOTHING
    with monkeypatch.context() as patch:
        patch.setattr(DynamoOrderStore, "apply", dying)
        with pytest.raises(Died):
            act(shop, action, RELEASES, body)
    rest = act(shop, action, RELEASES, body).body
    assert {*made, *rest["done"]} == {*order_ids}
    assert len(made) + len(rest["done"]) == len(order_ids), "none is acted on twice"
    assert [shop.head(order_id).version for order_id in order_ids] == [version + 1 for version in versions]


def test_an_order_whose_write_gets_no_answer_is_refused_and_found_done_by_the_next_call(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_ids, calls = releasing(shop, 3), list[str]()
    apply = DynamoOrderStore.apply

    def unanswered_once(store: DynamoOrderStore, order_id: str, planned: Transition) -> Applied | Rejected:
        outcome = apply(store, order_id, planned)
        calls.append(order_id)
        if len(calls) == 1:
            raise StoreUnavailable("UpdateItem: read timeout")
        return outcome

    monkeypatch.setattr(DynamoOrderStore, "apply", unanswered_once)
    answer = act(shop, "release", RELEASES, REASON).body
    (refused,) = answer["refused"]
    assert (refused["code"], len(answer["done"])) == ("store-unavailable", 2)
    assert act(shop, "release", RELEASES, REASON).body["done"] == []
    assert {shop.status(order_id) for order_id in order_ids} == {"pending_payment"}


def test_two_operators_at_once_release_each_order_once(shop: Shop) -> None:
    order_ids = releasing(shop, 2)
    versions = [shop.head(order_id).version for order_id in order_ids]
    shop.gateway.during("query", lambda: act(shop, "release", RELEASES, REASON))
    answer = act(shop, "recheck", RELEASES).body
    assert (answer["refused"], answer["next_cursor"]) == ([], None)
    assert [shop.head(order_id).version for order_id in order_ids] == [version + 1 for version in versions]


def test_money_that_came_meanwhile_is_not_released_away(shop: Shop) -> None:
    (order_id,) = releasing(shop, 1)
    shop.gateway.capture_payment(shop.holder(order_id))
    assert act(shop, "recheck", RELEASES).body["done"] == [order_id]
    assert shop.status(order_id) == "paid"

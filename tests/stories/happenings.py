"""What can happen in a story, one step each."""

from collections.abc import Callable, Mapping

from paylatch.domain.order import PaymentStatus
from paylatch.domain.payment import RefundStatus
from tests.lambda_events import BUYER, SELLER
from tests.stories import trouble
from tests.stories.stage import Stage, Wrong

Happening = Callable[[Stage], None]
REASON = "The buyer agrees by phone."


def request_payment(stage: Stage) -> None:
    """The buyer goes to pay, now and then with the key of an earlier request."""
    again = stage.keys and stage.chance.random() < 0.25
    key = stage.chance.choice(list(stage.keys)) if again else f"key-{len(stage.keys) + 1}"
    lasts = stage.keys.setdefault(key, stage.chance.choice([60, 300, 900, 900]))
    answer = stage.shop.pay(stage.order_id, key, expires_in=lasts)
    stage.answered(f"the buyer requests a payment of {lasts} s with {key}", answer, 200, 201, 409, 502, 503)
    if answer.status == 201 and answer.body["pay_url"] and stage.chance.random() < 0.8:
        _misbehave(stage, answer.body["attempt_id"])


def request_payment_in_trouble(stage: Stage) -> None:
    """The gateway does not open the session as it should."""
    planned = trouble.opening(stage.chance)
    stage.gateway.plan(planned, order_id=stage.order_id)
    stage.note(f"the next session misbehaves: {trouble.in_words(planned)}")
    request_payment(stage)


def pay(stage: Stage) -> None:
    """The payer presses the button, in time or late."""
    attempt_id = stage.some_attempt()
    if attempt_id:
        session = stage.gateway.pay(attempt_id)
        stage.note(f"the payer of {attempt_id} pays: {session.status}")


def pay_late(stage: Stage) -> None:
    """The payer kept a link of an attempt that no longer holds the order, and it still works."""
    links = stage.links_left_behind()
    if links:
        session = stage.gateway.pay(stage.chance.choice(links))
        stage.note(f"the payer of {session.terms.attempt_id} pays late: {session.status}")


def decline(stage: Stage) -> None:
    attempt_id = stage.some_attempt()
    if attempt_id:
        session = stage.gateway.decline(attempt_id)
        stage.note(f"the bank of {attempt_id} declines: {session.status}")


def cancel_payment(stage: Stage) -> None:
    """Mostly of the attempt that holds the order."""
    holder = stage.shop.head(stage.order_id).attempt
    attempt_id = holder.attempt_id if holder and stage.chance.random() < 0.8 else stage.some_attempt()
    if attempt_id:
        answer = stage.shop.cancel_payment(stage.order_id, attempt_id)
        stage.answered(f"the buyer cancels {attempt_id}", answer, 200, 202, 409)


def cancel_order(stage: Stage) -> None:
    """Mostly where a link was left behind: nothing can go wrong with the others any more."""
    if not stage.links_left_behind() and stage.chance.random() < 0.9:
        return
    answer = stage.shop.call("order_cancel", stage.order_id, person=BUYER)
    stage.answered("the buyer cancels the order", answer, 200, 409)


def edit(stage: Stage) -> None:
    """Buyers change quantities, sellers prices; only an unlocked order changes, and only from its own revision."""
    seen = stage.shop.read(stage.order_id).body
    by_seller = stage.chance.random() < 0.4
    line = {**seen["lines"][0], "quantity": stage.chance.randint(1, 5)}
    line |= {"unit_price": stage.chance.randint(1, 20) * 100} if by_seller else {}
    stale = seen["revision"] > 1 and stage.chance.random() < 0.1
    lines, note = [line, *seen["lines"][1:]], f"step {len(stage.steps)}"
    revision, person = seen["revision"] - stale, SELLER if by_seller else BUYER
    answer = stage.shop.edit(stage.order_id, revision, person, lines=lines, note=note)
    stage.answered(f"the {person.role} edits revision {revision}", answer, 200, 409, 412)
    may = seen["payment_status"] == PaymentStatus.PENDING_PAYMENT and not stale
    if (answer.status == 200) != may:
        raise Wrong(f"an edit of revision {revision} of {seen['revision']} while {seen['payment_status']}")


def misbehave(stage: Stage) -> None:
    attempt_id = stage.some_attempt()
    if attempt_id:
        _misbehave(stage, attempt_id)


def _misbehave(stage: Stage, attempt_id: str) -> None:
    told = trouble.misbehaviour(stage.chance)
    stage.gateway.misbehave(attempt_id, told)
    stage.note(f"{attempt_id} misbehaves from now on: {trouble.in_words(told)}")


def callback_arrives(stage: Stage) -> None:
    """Any of those on their way, in any order; now and then twice."""
    if stage.gateway.waiting:
        position = stage.chance.randrange(len(stage.gateway.waiting))
        callback = stage.gateway.take(position)
        for _ in range(stage.chance.choice([1, 1, 1, 2])):
            stage.deliver(callback)


def callback_is_lost(stage: Stage) -> None:
    if stage.gateway.waiting:
        position = stage.chance.randrange(len(stage.gateway.waiting))
        stage.note(f"the callback {stage.gateway.waiting[position].type} is lost on the way")
        stage.gateway.take(position)


def callbacks_are_refused(stage: Stage) -> None:
    """The shop's end is gone, or there again; what it did not take the gateway sends later."""
    stage.gateway.accepting = not stage.gateway.accepting
    stage.note(f"the shop takes callbacks: {stage.gateway.accepting}")


def time_passes(stage: Stage) -> None:
    stage.wait(stage.chance.choice([5, 5, 31, 31, 60, 60, 121, 300, 960]))


def minute_fires(stage: Stage) -> None:
    """Both schedules, the shop's and the gateway's, in either order."""
    if stage.chance.random() < 0.5:
        stage.note(f"the gateway looks at {stage.gateway.tick()} sessions")
    stage.sweep()


def operator_rechecks(stage: Stage) -> None:
    attempt_id = stage.some_attempt()
    if attempt_id:
        answer = stage.shop.operator("recheck", stage.order_id, attempt_id)
        stage.answered(f"an operator rechecks {attempt_id}", answer, 200, 502, 503)


def operator_decides(stage: Stage) -> None:
    """Settle or refund what is under review, half and half."""
    if stage.status() is PaymentStatus.REVIEW:
        action, holder = stage.chance.choice(["settle", "refund"]), stage.shop.holder(stage.order_id)
        decision = {"action": action, "reason": REASON}
        answer = stage.shop.operator("resolution", stage.order_id, holder, body=decision)
        stage.answered(f"an operator decides to {action} {holder}", answer, 200)


def operator_asks_for_refused_refunds(stage: Stage) -> None:
    """What the gateway refused while it misbehaved, an operator asks for again."""
    order = stage.shop.head(stage.order_id)
    refused = {refund.attempt_id for refund in order.refunds.values() if refund.status is RefundStatus.REFUSED}
    for attempt_id in sorted(refused):
        answer = stage.shop.operator("recheck", stage.order_id, attempt_id)
        stage.answered(f"an operator rechecks {attempt_id}", answer, 200)


LIKELIHOOD: Mapping[Happening, int] = {
    request_payment: 28,
    request_payment_in_trouble: 3,
    pay: 9,
    pay_late: 10,
    decline: 3,
    cancel_payment: 24,
    cancel_order: 5,
    edit: 8,
    misbehave: 2,
    callback_arrives: 20,
    callback_is_lost: 2,
    callbacks_are_refused: 1,
    time_passes: 5,
    minute_fires: 8,
    operator_rechecks: 1,
    operator_decides: 1,
}


def happen(stage: Stage, steps: int) -> None:
    """So many random steps; and whoever still has a link by then may well use it, however the order stands."""
    for happening in stage.chance.choices(list(LIKELIHOOD), list(LIKELIHOOD.values()), k=steps):
        happening(stage)
    for _ in stage.links_left_behind():
        stage.chance.choice([pay_late, callback_arrives, time_passes])(stage)

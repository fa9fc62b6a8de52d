"""The actions of a simulation, one step each."""

from collections.abc import Callable, Mapping
from typing import Any

from paylatch.domain.order import PaymentStatus
from paylatch.domain.payment import RefundStatus
from tests.lambda_events import BUYER, SELLER
from tests.simulation import random_faults
from tests.simulation.simulation import CheckFailed, Simulation

Action = Callable[[Simulation], None]
REASON = "The buyer agrees by phone."


def request_payment(simulation: Simulation) -> None:
    """The buyer requests a payment, sometimes with the key of an earlier request."""
    again = simulation.keys and simulation.rng.random() < 0.25
    key = simulation.rng.choice(list(simulation.keys)) if again else f"key-{len(simulation.keys) + 1}"
    lasts = simulation.keys.setdefault(key, simulation.rng.choice([60, 300, 900, 900]))
    answer = simulation.shop.pay(simulation.order_id, key, expires_in=lasts)
    simulation.expect_status(f"the buyer requests a payment of {lasts} s with {key}", answer, 200, 201, 409, 502, 503)
    if answer.status == 201 and answer.body["pay_url"] and simulation.rng.random() < 0.8:
        _set_faults(simulation, answer.body["attempt_id"])


def request_payment_with_fault(simulation: Simulation) -> None:
    """The gateway does not open the session as it should."""
    planned = random_faults.opening(simulation.rng)
    simulation.gateway.plan_faults(planned, order_id=simulation.order_id)
    simulation.log_step(f"the next session has faults: {random_faults.description_of(planned)}")
    request_payment(simulation)


def pay(simulation: Simulation) -> None:
    """The payer presses the button, in time or late."""
    attempt_id = simulation.some_attempt()
    if attempt_id:
        session = simulation.gateway.pay(attempt_id)
        simulation.log_step(f"the payer of {attempt_id} pays: {session.status}")


def submit(simulation: Simulation) -> None:
    """The payer pays by a bank debit, which takes days."""
    attempt_id = simulation.some_attempt()
    if attempt_id:
        session = simulation.gateway.submit(attempt_id)
        simulation.log_step(f"the payer of {attempt_id} submits a debit: {session.status}")


def bank_decides(simulation: Simulation) -> None:
    """About a payment in progress, half of them in the payer's favour."""
    attempt_id = simulation.some_attempt()
    if attempt_id:
        session = simulation.gateway.decide(attempt_id, confirms=simulation.rng.random() < 0.5)
        simulation.log_step(f"the bank of {attempt_id} decides: {session.status}")


def buyer_rechecks(simulation: Simulation) -> None:
    """The buyer is back at the shop."""
    attempt_id = simulation.some_attempt()
    if attempt_id:
        answer = simulation.shop.call("recheck", simulation.order_id, attempt_id=attempt_id, person=BUYER)
        simulation.expect_status(f"the buyer rechecks {attempt_id}", answer, 200, 404, 503)


def pay_late(simulation: Simulation) -> None:
    """The payer kept a link of an attempt that no longer holds the order, and it still works."""
    links = simulation.payable_old_attempts()
    if links:
        session = simulation.gateway.pay(simulation.rng.choice(links))
        simulation.log_step(f"the payer of {session.terms.attempt_id} pays late: {session.status}")


def decline(simulation: Simulation) -> None:
    attempt_id = simulation.some_attempt()
    if attempt_id:
        session = simulation.gateway.decline(attempt_id)
        simulation.log_step(f"the bank of {attempt_id} declines: {session.status}")


def cancel_payment(simulation: Simulation) -> None:
    """Mostly of the attempt that holds the order."""
    holder = simulation.shop.head(simulation.order_id).attempt
    attempt_id = holder.attempt_id if holder and simulation.rng.random() < 0.8 else simulation.some_attempt()
    if attempt_id:
        answer = simulation.shop.cancel_payment(simulation.order_id, attempt_id)
        simulation.expect_status(f"the buyer cancels {attempt_id}", answer, 200, 202, 409)


def stop_and_change(simulation: Simulation) -> None:
    """The buyer is at the bank's page, and wants another quantity."""
    seen = simulation.shop.read(simulation.order_id).body
    attempt_id = seen["payment"]["attempt_id"] if seen["payment"] else simulation.some_attempt()
    if not attempt_id:
        return
    line = {**seen["lines"][0], "quantity": simulation.rng.randint(1, 5)}
    edit: dict[str, Any] = {"lines": [line, *seen["lines"][1:]], "note": f"step {len(simulation.steps)}"}
    for _ in range(simulation.rng.choice([1, 1, 1, 2])):
        answer = simulation.shop.stop_and_change(simulation.order_id, attempt_id, seen["revision"], **edit)
        simulation.expect_status(f"the buyer stops {attempt_id} to edit", answer, 200, 202, 409)
        edited = simulation.shop.head(simulation.order_id).revision - seen["revision"]
        if edited != (answer.status == 200):
            raise CheckFailed(f"{answer.status}, and {edited} edits of revision {seen['revision']}")


def cancel_order(simulation: Simulation) -> None:
    """Mostly orders with a link left behind: the others are simple."""
    if not simulation.payable_old_attempts() and simulation.rng.random() < 0.9:
        return
    answer = simulation.shop.call("order_cancel", simulation.order_id, person=BUYER)
    simulation.expect_status("the buyer cancels the order", answer, 200, 409)


def edit(simulation: Simulation) -> None:
    """Buyers change quantities, sellers prices; only an unlocked order changes, and only from its own revision."""
    seen = simulation.shop.read(simulation.order_id).body
    by_seller = simulation.rng.random() < 0.4
    line = {**seen["lines"][0], "quantity": simulation.rng.randint(1, 5)}
    line |= {"unit_price": simulation.rng.randint(1, 20) * 100} if by_seller else {}
    stale = seen["revision"] > 1 and simulation.rng.random() < 0.1
    lines, note = [line, *seen["lines"][1:]], f"step {len(simulation.steps)}"
    revision, person = seen["revision"] - stale, SELLER if by_seller else BUYER
    answer = simulation.shop.edit(simulation.order_id, revision, person, lines=lines, note=note)
    simulation.expect_status(f"the {person.role} edits revision {revision}", answer, 200, 409, 412)
    may = seen["payment_status"] == PaymentStatus.PENDING_PAYMENT and not stale
    if (answer.status == 200) != may:
        raise CheckFailed(f"an edit of revision {revision} of {seen['revision']} while {seen['payment_status']}")


def set_faults(simulation: Simulation) -> None:
    attempt_id = simulation.some_attempt()
    if attempt_id:
        _set_faults(simulation, attempt_id)


def _set_faults(simulation: Simulation, attempt_id: str) -> None:
    plan = random_faults.session_faults(simulation.rng)
    simulation.gateway.set_faults(attempt_id, plan)
    simulation.log_step(f"{attempt_id} has faults from now on: {random_faults.description_of(plan)}")


def callback_arrives(simulation: Simulation) -> None:
    """Deliver any pending callback, in any order; sometimes twice."""
    if simulation.gateway.pending:
        position = simulation.rng.randrange(len(simulation.gateway.pending))
        callback = simulation.gateway.next_callback(position)
        for _ in range(simulation.rng.choice([1, 1, 1, 2])):
            simulation.deliver(callback)


def callback_is_lost(simulation: Simulation) -> None:
    if simulation.gateway.pending:
        position = simulation.rng.randrange(len(simulation.gateway.pending))
        simulation.log_step(f"the callback {simulation.gateway.pending[position].type} is lost on the way")
        simulation.gateway.next_callback(position)


def callbacks_are_refused(simulation: Simulation) -> None:
    """The shop's callback route goes down or comes up again; the gateway resends later what it did not take."""
    simulation.gateway.accepting = not simulation.gateway.accepting
    simulation.log_step(f"the shop takes callbacks: {simulation.gateway.accepting}")


def time_passes(simulation: Simulation) -> None:
    simulation.wait(simulation.rng.choice([5, 5, 31, 31, 60, 60, 121, 300, 960]))


def run_schedules(simulation: Simulation) -> None:
    """Run both schedules, the shop's and the gateway's, in either order."""
    if simulation.rng.random() < 0.5:
        simulation.log_step(f"the gateway looks at {simulation.gateway.run_schedule()} sessions")
    simulation.sweep()


def operator_rechecks(simulation: Simulation) -> None:
    attempt_id = simulation.some_attempt()
    if attempt_id:
        answer = simulation.shop.operator("recheck", simulation.order_id, attempt_id)
        simulation.expect_status(f"an operator rechecks {attempt_id}", answer, 200, 502, 503)


def operator_decides(simulation: Simulation) -> None:
    """Settle or refund what is under review, each half of the time."""
    if simulation.status() is PaymentStatus.REVIEW:
        action, holder = simulation.rng.choice(["settle", "refund"]), simulation.shop.holder(simulation.order_id)
        decision = {"action": action, "reason": REASON}
        answer = simulation.shop.operator("resolution", simulation.order_id, holder, body=decision)
        simulation.expect_status(f"an operator decides to {action} {holder}", answer, 200)


def operator_asks_for_refused_refunds(simulation: Simulation) -> None:
    """An operator rechecks the refunds that the gateway refused during its faults."""
    order = simulation.shop.head(simulation.order_id)
    refused = {refund.attempt_id for refund in order.refunds.values() if refund.status is RefundStatus.REFUSED}
    for attempt_id in sorted(refused):
        answer = simulation.shop.operator("recheck", simulation.order_id, attempt_id)
        simulation.expect_status(f"an operator rechecks {attempt_id}", answer, 200)


WEIGHTS: Mapping[Action, int] = {
    request_payment: 28,
    request_payment_with_fault: 3,
    pay: 9,
    submit: 3,
    bank_decides: 3,
    buyer_rechecks: 2,
    pay_late: 10,
    decline: 3,
    cancel_payment: 20,
    stop_and_change: 6,
    cancel_order: 5,
    edit: 8,
    set_faults: 2,
    callback_arrives: 20,
    callback_is_lost: 2,
    callbacks_are_refused: 1,
    time_passes: 5,
    run_schedules: 8,
    operator_rechecks: 1,
    operator_decides: 1,
}


def run_random_actions(simulation: Simulation, steps: int) -> None:
    """Run that many random steps; then payers may still use their live links, whatever the order's state."""
    for action in simulation.rng.choices(list(WEIGHTS), list(WEIGHTS.values()), k=steps):
        action(simulation)
    for _ in simulation.payable_old_attempts():
        simulation.rng.choice([pay_late, callback_arrives, time_passes])(simulation)

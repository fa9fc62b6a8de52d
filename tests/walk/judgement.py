"""Whether what a step led to is true: the page against the API, the answer against what the page offered."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.walk.devices import Device
from tests.walk.oracle import AROUND_THE_END, OrderReading, always_wrong, contradictions
from tests.walk.payer_steps import PRESS
from tests.walk.shown_page import ShownPage
from tests.walk.walked_orders import Shop, WalkedOrder

# What a payer's request may be answered with; the last three say that it was not carried out.
_POSSIBLE = frozenset({200, 303, 404, 409, 503})
LOOKS = 4
# In milliseconds.
_BETWEEN_LOOKS = 500
_CATCHES_UP_WITHIN = 20_000
# In seconds: the page's script has asked its last question after so long.
_LAST_QUESTION = 300


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A payer's step: the order and the page before it, and why it could not be taken, "" where it was."""

    name: str
    walked: WalkedOrder
    before: OrderReading
    shown: ShownPage
    device: Device
    failure: str = ""

    @property
    def pressed_what_is_offered(self) -> bool:
        """Whether it is a form of the order's page, which showed the order as it was."""
        on_the_page = self.walked.order_id in self.shown.address and self.shown.version == self.before.version
        return on_the_page and self.name.startswith(PRESS)


def violations(step: StepTaken, shop: Shop) -> Iterator[str]:
    """What is wrong after the step."""
    if step.name == "wait" and step.shown.polls and step.shown.skipped < _LAST_QUESTION:
        yield from _does_not_catch_up(step, shop)
    shown, after = step.device.shown(), shop.read(step.walked)
    yield from step.device.complaints
    yield from always_wrong(shown)
    yield from _wrong_answers(step, after)
    yield from _offered_and_impossible(step, shown)
    yield from _wrong_page(step, shown, after, shop)


def _does_not_catch_up(step: StepTaken, shop: Shop) -> Iterator[str]:
    """A page that asks for news shows them without its reader's help."""
    shown = step.device.shown()
    for _ in range(_CATCHES_UP_WITHIN // _BETWEEN_LOOKS):
        if not shown.polls or step.device.unanswered or shown.version >= step.before.version:
            return
        step.device.page.wait_for_timeout(_BETWEEN_LOOKS)
        shown = step.device.shown()
    yield f"it looks for news, and still shows version {shown.version} of {step.before.version}"


def _wrong_answers(step: StepTaken, after: OrderReading) -> Iterator[str]:
    for visited in step.device.visited:
        if visited.status not in _POSSIBLE:
            yield f"{visited.method} {visited.address} is answered {visited.status}"
        if visited.status == 404 and not step.walked.renewed:
            yield f"{visited.address} is answered 404, and no link was renewed"
        refused = visited.method == "POST" and visited.status == 409
        if refused and step.pressed_what_is_offered and _nothing_changed(step, after):
            yield f"it was offered, and is refused; the order was at version {after.version} all the time"


def _nothing_changed(step: StepTaken, after: OrderReading) -> bool:
    left = step.before.seconds_left(step.before.read_at)
    return after.version == step.before.version and (left is None or left > AROUND_THE_END)


def _offered_and_impossible(step: StepTaken, shown: ShownPage) -> Iterator[str]:
    if (
        step.failure
        and step.name.startswith(PRESS)
        and (shown.state, shown.version) == (step.shown.state, step.shown.version)
    ):
        yield f"it cannot be pressed: {step.failure}"


def _wrong_page(step: StepTaken, shown: ShownPage, after: OrderReading, shop: Shop) -> Iterator[str]:
    if step.walked.order_id not in shown.address:
        yield from _wrong_gateway_page(shown, after)
        return
    if not shown.state:
        return
    was_loaded = step.device.visited or step.name == "go back"
    if was_loaded and shown.version < step.before.version:
        yield f"it shows version {shown.version}, the order was at {step.before.version} before"
    if was_loaded or shown.version == after.version:
        yield from _looked_at(step, shown, after, shop)


def _looked_at(step: StepTaken, shown: ShownPage, after: OrderReading, shop: Shop) -> Iterator[str]:
    """Judge only where page and API are of one version; else load the page anew, between two equal readings."""
    for _ in range(LOOKS):
        if shown.version == after.version:
            yield from contradictions(after, shown)
            yield from _claims_too_much(shown, after, shop)
            return
        step.device.page.reload()
        shown, after = step.device.shown(), shop.read(step.walked)
        if not shown.state:
            return


def _claims_too_much(shown: ShownPage, after: OrderReading, shop: Shop) -> Iterator[str]:
    """Nothing claims success before it is so."""
    captured = after.attempt.get("captured")
    if shown.state != "just_paid" or after.attempt["gateway"] != "sandbox":
        return
    ledger = shop.sandbox.read_ledger(after.attempt["attempt_id"])
    if ledger.status == 200 and ledger.document["captured"] != (captured or {}).get("amount"):
        yield f"it says that the order is paid, the gateway captured {ledger.document['captured']}"


def _wrong_gateway_page(shown: ShownPage, after: OrderReading) -> Iterator[str]:
    """The payer is asked for what they agreed to."""
    open_here = "pay" in shown.actions and after.attempt.get("pay_url") == shown.address
    if open_here and after.order["lock"] and shown.amount != after.order["total"]:
        yield f"the gateway asks for {shown.amount}, the order's total is {after.order['total']}"

"""The walk: each state of the payment page once, then one random step after the other, each held against the API.

It ends at the first contradiction.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import TypeVar

from pay_page.page_view import PageState
from playwright.sync_api import Error

from tests.walk.desk_steps import desk_step
from tests.walk.desk_tab import DeskTab
from tests.walk.devices import Device
from tests.walk.judgement import StepTaken, violations
from tests.walk.payer_steps import PRESS, payer_steps, press
from tests.walk.shop_steps import POSSIBLE_ANSWERS, shop_steps
from tests.walk.shown_page import ShownPage
from tests.walk.walked_orders import Shop, WalkedOrder
from tests.walk.ways import ways

# So many orders are walked at a time; each is left after so many steps, and another takes its place.
AT_A_TIME = 3
STEPS_PER_ORDER = 45
_BY_THE_SHOP = 0.25
_AT_THE_DESK = 0.15
_LOOKED_AT = 0.75
_TO_ANOTHER_ORDER = 0.06
# In each state that the walk leads to: so many loads of the page until it shows the state, and so many random steps.
_LOOKS_FOR_A_STATE = 12
_STEPS_IN_A_STATE = 2
_BETWEEN_LOOKS = 1000  # in milliseconds
# An order that has ended is left sooner: each step on it counts so much.
_ENDED, _COUNTS_AS = ("paid", "cancelled"), 4
Taken = TypeVar("Taken")


class ContradictionFound(Exception):
    """A page contradicts the API, or a call has an answer that it must not have."""


@dataclass(slots=True)
class Walk:
    """A walk on some devices, and at the order desk where there is one.

    `trail` has the steps so far, `seen` counts the pages by state, `answers` those to the shop by status.
    """

    shop: Shop
    devices: Sequence[Device]
    random: Random
    desk: DeskTab | None = None
    orders: list[WalkedOrder] = field(default_factory=list)
    retired: list[WalkedOrder] = field(default_factory=list)
    trail: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    _before: dict[str, WalkedOrder] = field(default_factory=dict)

    @property
    def unseen(self) -> list[PageState]:
        """The states of the payment page that no payer has seen."""
        return [state for state in PageState if not self.seen[state]]

    def run(self, seconds: float) -> None:
        """Visit each state, then take random steps until so much time has passed since the beginning.

        Raises `ContradictionFound` at the first contradiction.
        """
        end = time.monotonic() + seconds
        for state in self.random.sample(list(PageState), len(PageState)):
            self._visit(state)
        while time.monotonic() < end:
            self._renew_orders()
            actor = self.random.random()
            if self.desk and actor < _AT_THE_DESK:
                self._step_at_the_desk(self.desk, self._order_of_the_shop())
            elif actor < _AT_THE_DESK + _BY_THE_SHOP:
                self._step_of_the_shop(self._order_of_the_shop())
            else:
                self._step_of_a_payer(self.random.choice(self.devices))

    def _visit(self, state: PageState) -> None:
        """Lead a new order to that state, look at its page and at the desk, and take some random steps from there."""
        device = self.random.choice(self.devices)
        walked = self._led_to(state, device)
        self._look_for(state, walked, device)
        if self.desk:
            self._step_at_the_desk(self.desk, walked)
        for _ in range(_STEPS_IN_A_STATE):
            self._step_of_a_payer(device)
        self._retire([walked])

    def _led_to(self, state: PageState, device: Device) -> WalkedOrder:
        walked = self.shop.new_order()
        self.orders.append(walked)
        self._before[device.name] = walked
        self._note(walked, f"shop: lead it to {state}")
        ways()[state](self.shop, walked, device)
        return walked

    def _look_for(self, state: PageState, walked: WalkedOrder, device: Device) -> None:
        page = device.page
        if state is PageState.CHANGED:
            self._judged(device, walked, f"{PRESS}pay", partial(press, page, "pay"))
        else:
            self._judged(device, walked, "open the link", partial(page.goto, walked.link))
        for _ in range(_LOOKS_FOR_A_STATE):
            if device.shown().state == state:
                return
            page.wait_for_timeout(_BETWEEN_LOOKS)
            self._judged(device, walked, "reload", page.reload)

    def _renew_orders(self) -> None:
        self._retire([walked for walked in self.orders if walked.steps >= STEPS_PER_ORDER])
        while len(self.orders) < AT_A_TIME:
            self.orders.append(self.shop.new_order())

    def _retire(self, walked_enough: Sequence[WalkedOrder]) -> None:
        self.retired += walked_enough
        self.orders = [walked for walked in self.orders if walked not in walked_enough]

    def _order_of_the_shop(self) -> WalkedOrder:
        """Mostly one that a payer looks at."""
        looked_at = [walked for walked in self._before.values() if walked in self.orders]
        return self.random.choice(looked_at if looked_at and self.random.random() < _LOOKED_AT else self.orders)

    def _step_of_the_shop(self, walked: WalkedOrder) -> None:
        steps = shop_steps(self.shop, walked, self.shop.read(walked), self.random)
        name, act = _chosen(steps, self.random)
        response = act()
        self.answers[response.status] += 1
        self.faults[walked.faults] += name == "plan faults"
        self._note(walked, f"shop: {name} ({walked.faults if name == 'plan faults' else response.status})")
        if response.status not in POSSIBLE_ANSWERS:
            raise ContradictionFound(f"{walked.order_id}: {name} is answered {response.status}: {response.body}")

    def _step_at_the_desk(self, desk: DeskTab, walked: WalkedOrder) -> None:
        step = desk_step(desk, self.shop, walked, self.random)
        self.seen[f"desk: {step.state}"] += 1
        self._note(walked, f"desk: {step.name} [{step.state}]")
        if step.findings:
            raise ContradictionFound(f"{walked.order_id}, desk, {step.name}: " + "; ".join(step.findings))

    def _step_of_a_payer(self, device: Device) -> None:
        walked = self._order_before(device)
        name, act = _chosen(payer_steps(device, device.shown(), walked, self.random), self.random)
        self._judged(device, walked, name, act)

    def _judged(self, device: Device, walked: WalkedOrder, name: str, act: Callable[[], object]) -> None:
        """Take the step. Raises `ContradictionFound`."""
        device.begin()
        before, shown = self.shop.read(walked), device.shown()
        walked.steps += _COUNTS_AS if before.order["payment_status"] in _ENDED else 0
        mark = self._note(walked, f"{device.name}: {name} [{shown.state or shown.title}]")
        failure = _carried_out(act)
        device.settle()
        step = StepTaken(name, walked, before, shown, device, failure)
        # Back in the history may be another order's page.
        another = self._order_at(device.page.url) not in (walked, None)
        found = list(device.complaints if another else violations(step, self.shop))
        self._count(device, mark)
        if found:
            raise ContradictionFound(f"{walked.order_id}, {device.name}, {name}: " + "; ".join(found))

    def _order_before(self, device: Device) -> WalkedOrder:
        """The order on the device's page; another one now and then, whose link is opened first."""
        walked = self._order_at(device.page.url) or self._before.get(device.name)
        if walked is None or walked not in self.orders or self.random.random() < _TO_ANOTHER_ORDER:
            walked = self.random.choice(self.orders)
            device.page.goto(walked.link)
            self._note(walked, f"{device.name}: open the link of this order")
        self._before[device.name] = walked
        return walked

    def _order_at(self, address: str) -> WalkedOrder | None:
        """The order whose page, or whose payment's page, is at that address."""
        known = (*self.orders, *self.retired)
        return next((one for one in known if one.order_id in address or address in one.attempts.values()), None)

    def _count(self, device: Device, mark: int) -> None:
        shown = device.shown()
        state = shown.state or _elsewhere(shown, self.shop)
        self.seen[state] += 1
        self.answers.update(visited.status for visited in device.visited)
        self.trail[mark] += f" -> {state} {shown.version or ''}"

    def _note(self, walked: WalkedOrder, what: str) -> int:
        walked.steps += 1
        self.trail.append(f"{walked.order_id} {what}")
        return len(self.trail) - 1


def _elsewhere(shown: ShownPage, shop: Shop) -> str:
    if shown.address.startswith(shop.stack.sandbox_url):
        return "(gateway's page)"
    return f"({shown.title})" if shown.title else "(shop)"


def _carried_out(act: Callable[[], object]) -> str:
    """Do it; gives why it could not be done, "" otherwise."""
    try:
        act()
    except Error as error:
        return str(error).partition("\n")[0]
    return ""


def _chosen(steps: Mapping[str, tuple[int, Taken]], random: Random) -> tuple[str, Taken]:
    names = list(steps)
    (name,) = random.choices(names, [steps[name][0] for name in names])
    return name, steps[name][1]

"""What a payer does with the page in front of them."""

from collections.abc import Callable
from functools import partial
from random import Random

from playwright.sync_api import Error, Page

from tests.walk.devices import SHOP, Device
from tests.walk.shown_page import ShownPage
from tests.walk.walked_orders import WalkedOrder

# The names of the steps that send a form begin with it.
PRESS = "press "
Step = Callable[[], None]
# In seconds: longer than the pause between two questions of the page's script.
_WAITS = (7, 16)


def payer_steps(device: Device, shown: ShownPage, walked: WalkedOrder, random: Random) -> dict[str, tuple[int, Step]]:
    """The possible steps by name, each with its weight. None of them waits for what it leads to."""
    page = device.page
    steps: dict[str, tuple[int, Step]] = {
        "open the link": (2, partial(_go, page, walked.link)),
        "reload": (2, partial(_reload, page)),
        "go back": (2, partial(_back, page)),
        "open an earlier payment's page": (1, partial(_go, page, _some_page(walked, random))),
    }
    for action in shown.actions:
        steps[f"{PRESS}{action}"] = (8, partial(press, page, action))
        steps[f"{PRESS}{action} twice"] = (2, partial(press, page, action, clicks=2))
        if shown.state:
            steps[f"{PRESS}{action} in two tabs"] = (2, partial(_press_in_two_tabs, device, action))
    for number, link in enumerate(shown.links):
        steps[f"follow link {number + 1}"] = (1 if link.startswith(SHOP) else 4, partial(_go, page, link))
    if shown.polls:
        steps["wait"] = (6, partial(_wait, device, random.choice(_WAITS)))
    elif shown.state:
        steps["wait"] = (1, partial(_wait, device, _WAITS[0]))
    return steps


def _go(page: Page, address: str) -> None:
    page.goto(address, wait_until="commit")


def _reload(page: Page) -> None:
    page.reload(wait_until="commit")


def _back(page: Page) -> None:
    page.go_back(wait_until="commit")


def _some_page(walked: WalkedOrder, random: Random) -> str:
    return random.choice([*filter(None, walked.attempts.values()), walked.link])


def press(page: Page, action: str, clicks: int = 1) -> None:
    """Press that button, and do not wait for what it leads to. Raises Playwright's `Error`."""
    page.locator(f"button[name=action][value={action}]").click(click_count=clicks, no_wait_after=True)


def _press_in_two_tabs(device: Device, action: str) -> None:
    """The same page in a second tab of the same browser, and both forms are sent before either is answered."""
    other = device.page.context.new_page()
    try:
        other.goto(device.page.url)
        twin = other.locator(f"button[name=action][value={action}]")
        if twin.count():
            twin.click(no_wait_after=True)
        press(device.page, action)
        other.wait_for_load_state("load")
    finally:
        other.close()


def _wait(device: Device, seconds: int) -> None:
    try:
        device.pass_time(seconds)
    except Error:
        # The script loaded the page anew.
        return

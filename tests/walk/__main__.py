"""`make walk-pages`: a walk through the pages of a deployed local stack, held against the API at each step.

It first leads an order to each state of the payment page, and fails where a payer did not see one; then it is random.

A payer with a phone and a laptop, a seller, an operator and a gateway with faults act on the same orders. The seed
decides which step is taken where several are possible; what is possible also depends on the machine's speed.
"""

import argparse
import contextlib
import sys
import time
from pathlib import Path
from random import Random, randrange

from order_desk.site import SITE
from pay_page.page_view import PageState
from playwright.sync_api import Page

from local import tools
from local.arguments import file
from local.progress import say
from local.stack import Stack, temporary
from tests.pages.browsers import NoBrowser, running_browser
from tests.walk.audit import audit
from tests.walk.desk_tab import desk_tab
from tests.walk.devices import device
from tests.walk.walk import ContradictionFound, Walk
from tests.walk.walked_orders import Shop

PICTURES = tools.LOCAL / "walk"
# The shortest lock, so that payments run out of time during the walk.
PARAMETERS = {"DefaultLock": "60"}
_TRAIL = 40


def main() -> int:
    """Print the seed and what was seen; return 1 at a contradiction, 0 also where this machine has no browser."""
    options = _options()
    tools.require()
    try:
        with running_browser() as browser, _stack(options.stack_file) as stack, contextlib.ExitStack() as opened:
            devices = [opened.enter_context(device(browser, name)) for name in ("phone", "laptop")]
            desk = opened.enter_context(desk_tab(browser, stack)) if (SITE / "index.html").is_file() else None
            if desk is None:
                say("the order desk is not built, and is not walked; `make desk` builds it")
            return _walked(Walk(Shop(stack), devices, Random(options.seed), desk), options)
    except NoBrowser as reason:
        say(f"SKIPPED: the pages were not walked, {reason}")
        return 0


def _walked(walk: Walk, options: argparse.Namespace) -> int:
    began = time.monotonic()
    say(f"seed {options.seed}, {options.minutes:g} minutes")
    try:
        walk.run(60 * options.minutes)
    except ContradictionFound as found:
        return _report_contradiction(walk, str(found), options.seed)
    findings = audit(walk.shop, [*walk.retired, *walk.orders])
    say(f"{len(walk.trail)} steps on {len(walk.retired) + len(walk.orders)} orders, {time.monotonic() - began:.0f} s")
    say("the payment page's states, and how often a payer saw them:")
    for state in PageState:
        say(f"  {state:<20}{walk.seen[state] or 'NEVER'}")
    say(f"other pages: {_counts({name: count for name, count in walk.seen.items() if name not in set(PageState)})}")
    say(f"answers: {_counts(walk.answers)}")
    say(f"fault plans: {_counts(walk.faults)}")
    for finding in findings:
        say(f"  VIOLATED in the end: {finding}")
        _say_trail(walk, finding.partition(":")[0])
    return int(bool(findings or walk.unseen))


def _report_contradiction(walk: Walk, what: str, seed: int) -> int:
    order_id = what[:16]
    _say_trail(walk, order_id)
    say(f"VIOLATED after {len(walk.trail)} steps, seed {seed}: {what}")
    PICTURES.mkdir(parents=True, exist_ok=True)
    for one in walk.devices:
        _keep(one.name, one.page)
    if walk.desk:
        _keep("desk", walk.desk.page)
    return 1


def _say_trail(walk: Walk, order_id: str) -> None:
    for step in [step for step in walk.trail if step.startswith(order_id)][-_TRAIL:]:
        say(f"  {step}")


def _keep(name: str, page: Page) -> None:
    picture = PICTURES / f"{name}.png"
    page.screenshot(path=picture)
    picture.with_suffix(".html").write_text(page.content())
    say(f"  {name}: {page.url}, {picture.relative_to(tools.ROOT)}")


def _counts(counted: "dict[str, int] | dict[int, int]") -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counted.items(), key=lambda one: -one[1]))


def _stack(file: Path | None) -> contextlib.AbstractContextManager[Stack]:
    """The stack that the file describes, or one of this walk's own."""
    return contextlib.nullcontext(Stack.read(file)) if file else temporary(**PARAMETERS)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog='make walk-pages ARGS="…"', description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="how long to walk; 0: each state once")
    parser.add_argument("--seed", type=int, default=randrange(1_000_000), help="which steps are chosen")
    parser.add_argument("--stack-file", type=file, help="walk on the running stack that this file describes")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

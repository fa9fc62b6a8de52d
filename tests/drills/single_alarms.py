"""`make drill-alarms`: the causes of alarms that no other drill raises, once each."""

import sys
from pathlib import Path

from local import ports
from local.stack import StackPlan, running
from tests.drills.alarm_causes import CAUSES
from tests.drills.alarms import raised
from tests.drills.drill import Promise, run, say
from tests.drills.shop import Shop


def drill(folder: Path) -> list[Promise]:
    """One stack; one cause after the other, and what each raised."""
    promises, before = [], set[str]()
    with running(StackPlan(ports.claim(0, 0, 0), folder)) as (stack, _):
        for alarm, cause in CAUSES.items():
            say(cause.__name__.replace("_", " "))
            cause(Shop(stack))
            found = raised(stack)
            new = ", ".join(f"`{name}`" for name in sorted(found - before)) or "nothing new"
            promises.append(Promise(cause.__name__.replace("_", " "), new, alarm in found))
            before |= found
    return promises


if __name__ == "__main__":
    sys.exit(run("alarms", __doc__ or "", drill))

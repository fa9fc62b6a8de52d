"""The sandbox gateway's faults that a walk plans for an order's next payments."""

from collections.abc import Mapping
from random import Random
from typing import Any

_ONE = {"times": 1}
FAULT_PLANS: Mapping[str, Mapping[str, Any]] = {
    "none": {},
    "open is refused": {"open": {"fault": "refuse"}},
    "open is lost": {"open": {"fault": "no_answer", **_ONE}},
    "open is unavailable": {"open": {"fault": "unavailable", **_ONE}},
    "void is refused": {"void": {"fault": "refuse"}},
    "void's answer is lost": {"void": {"fault": "no_answer", **_ONE}},
    "void is unavailable": {"void": {"fault": "unavailable", "times": 2}},
    "void says that a payment is under way": {"void": {"fault": "in_progress", **_ONE}},
    "void is announced": {"void": {"fault": "announce"}},
    "link outlives its void": {"void": {"fault": "not_voidable"}},
    "void is pretended": {"void": {"fault": "pretend"}},
    "link outlives its deadline": {"link_outlives": 60},
    "busy": {"query": {"fault": "busy", "times": 2}, "void": {"fault": "busy", **_ONE}},
    "silent": {"query": {"fault": "unavailable", "times": 3}, "void": {"fault": "unavailable", "times": 3}},
    "payment takes seconds": {"payment": {"seconds": 5}},
    "payment fails": {"payment": {"fails": True}},
    "payment fails for good": {"payment": {"fails": True, "final": True}},
    "payment takes seconds and fails": {"payment": {"seconds": 5, "fails": True}},
    "too little money": {"payment": {"amount": 100}},
    "callbacks are lost": {"callbacks": {"lost": True}},
    "callbacks are late": {"callbacks": {"delay": 4}},
    "callbacks are doubled": {"callbacks": {"copies": 3}},
    "callbacks are reversed": {"callbacks": {"reversed": True}},
    "callbacks are forged": {"callbacks": {"forged": True}},
    "refund is pending": {"refund": {"fault": "pending", "seconds": 3}},
    "refund fails once": {"refund": {"fault": "fail", **_ONE}},
}
# So that the usual way is walked too.
_WITHOUT_FAULTS = 0.35


def some_fault_plan(random: Random) -> str:
    """The name of a plan."""
    return "none" if random.random() < _WITHOUT_FAULTS else random.choice(list(FAULT_PLANS))

"""Tests that also judge a module's mutants: what the model checker's orders and processes do not have."""

import importlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_ERASURE = (
    "tests/unit/test_erased_events.py",
    "tests/integration/test_refused_erasures.py",
    "tests/integration/test_erasure.py",
)
# Files in the order in which they run; the quickest first. Their tests pass on the unchanged module.
TESTS: Mapping[str, tuple[str, ...]] = {
    "paylatch.domain.erasure": _ERASURE,
    "paylatch.use_cases.erase_personal_data": _ERASURE,
    "paylatch.use_cases.finish_erasure": _ERASURE,
    "paylatch.use_cases.hand_over_order": ("tests/integration/test_ownership.py",),
    "paylatch.use_cases.settle_order_manually": ("tests/integration/test_manual_settlements.py",),
}


@dataclass(slots=True, eq=False)
class _FirstFailure:
    """A plugin of pytest that notes the first test that fails, or that the tests do not start."""

    found: str = ""
    passed: int = field(default=0)

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.passed += report.passed and report.when == "call"
        if report.failed and not self.found:
            self.found = report.nodeid

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed and not self.found:
            self.found = f"{report.nodeid} is not collected"


def first_failing_test(module: str) -> str:
    """The first of the module's tests that fails in this process; empty where none does, or it has none."""
    files = TESTS.get(module, ())
    if not files:
        return ""
    # Not before it is needed: pytest is large.
    pytest = importlib.import_module("pytest")
    plugin = _FirstFailure()
    _silence()
    pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *files], plugins=[plugin])
    return plugin.found or ("" if plugin.passed else "no test ran")


def _silence() -> None:
    """Nothing is printed from here on: the verdict alone leaves this process."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(nowhere, stream.fileno())

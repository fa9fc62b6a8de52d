"""Tests that also judge a module's mutants: what the model checker's orders and processes do not have."""

import importlib
import os
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.mutants.mutants import TRANSITIONS

# What every transition is held to, whatever it is about.
_LAWS = ("tests/unit/test_state_matrix.py", "tests/unit/test_transition_laws.py")
_ERASURE = (
    "tests/unit/test_erased_events.py",
    "tests/integration/test_erased_reads.py",
    "tests/integration/test_refused_erasures.py",
    "tests/integration/test_erasure.py",
    "tests/integration/test_contention.py",
)
_DISPUTES = ("tests/integration/test_disputes.py",)
_FREE_ORDERS = ("tests/integration/test_free_orders.py",)
_HAND_OVERS = ("tests/integration/test_guests.py",)
_LINKS = ("tests/integration/test_return_urls.py", "tests/integration/test_pay_links.py")
_ACTORS = "tests/integration/test_event_actors.py"
_MANUAL_SETTLEMENTS = ("tests/integration/test_manual_settlements.py", _ACTORS)
_REQUESTED_REFUNDS = (
    "tests/integration/test_gateway_refusals.py",
    _ACTORS,
    "tests/integration/test_requested_refunds.py",
)
_RETENTION_TIMES = ("tests/unit/test_retention_times.py",)
_STATEMENTS = ("tests/integration/test_reconciliation_entries.py", "tests/integration/test_reconciliation_runs.py")
_WRITE_OFFS = (_ACTORS, "tests/integration/test_operator_actions.py", "tests/integration/test_refund_races.py")
_OF_MODULES: Mapping[str, tuple[str, ...]] = {
    "paylatch.domain.endings": ("tests/unit/test_endings.py",),
    "paylatch.domain.erasure": _ERASURE,
    "paylatch.domain.retention": _RETENTION_TIMES,
    "paylatch.domain.tombstone": _RETENTION_TIMES,
    "paylatch.domain.transitions.dispute_closed": _DISPUTES,
    "paylatch.domain.transitions.dispute_opened": _DISPUTES,
    "paylatch.domain.transitions.erase": _ERASURE,
    "paylatch.domain.transitions.hand_over": _HAND_OVERS,
    "paylatch.domain.transitions.issue_link": _LINKS,
    "paylatch.domain.transitions.request_refund": _REQUESTED_REFUNDS,
    "paylatch.domain.transitions.settle_free": _FREE_ORDERS,
    "paylatch.domain.transitions.settle_manually": _MANUAL_SETTLEMENTS,
    "paylatch.domain.transitions.write_off": _WRITE_OFFS,
    "paylatch.use_cases.check_page": _STATEMENTS,
    "paylatch.use_cases.erase_personal_data": _ERASURE,
    "paylatch.use_cases.finish_erasure": _ERASURE,
    "paylatch.use_cases.hand_over_order": _HAND_OVERS,
    "paylatch.use_cases.issue_pay_link": _LINKS,
    "paylatch.use_cases.list_findings": ("tests/integration/test_open_findings.py",),
    "paylatch.use_cases.record_dispute": _DISPUTES,
    "paylatch.use_cases.replay_events": ("tests/unit/test_replay_events.py",),
    "paylatch.use_cases.request_refund": _REQUESTED_REFUNDS,
    "paylatch.use_cases.retire_orders": ("tests/unit/test_retire_orders.py",),
    "paylatch.use_cases.settle_free_order": _FREE_ORDERS,
    "paylatch.use_cases.settle_order_manually": _MANUAL_SETTLEMENTS,
    "paylatch.use_cases.write_off_refund": _WRITE_OFFS,
}
# Files in the order in which they run; the quickest first. Their tests pass on the unchanged module.
TESTS: Mapping[str, tuple[str, ...]] = {
    module: (*(_LAWS if module in TRANSITIONS else ()), *_OF_MODULES.get(module, ()))
    for module in (*TRANSITIONS, *(module for module in _OF_MODULES if module not in TRANSITIONS))
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


def import_tools(modules: Collection[str]) -> None:
    """Import what the tests of these modules run on and no mutant changes: each process would take seconds for it."""
    if not TESTS.keys().isdisjoint(modules):
        for tool in ("pytest", "hypothesis", "boto3", "moto", "moto.dynamodb"):
            importlib.import_module(tool)


def first_failing_test(module: str) -> str:
    """The first of the module's tests that fails in this process; empty where none does, or it has none."""
    files = TESTS.get(module, ())
    if not files:
        return ""
    # Not before it is needed: pytest is large.
    pytest = importlib.import_module("pytest")
    plugin = _FirstFailure()
    _silence()
    # Nobody reads why an assertion fails, and rewriting them takes half the time.
    quiet = ("-x", "-q", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist")
    pytest.main([*quiet, *files], plugins=[plugin])
    return plugin.found or ("" if plugin.passed else "no test ran")


def _silence() -> None:
    """Nothing is printed from here on: the verdict alone leaves this process."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(nowhere, stream.fileno())

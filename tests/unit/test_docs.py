"""The docs agree with the code: the units table by import, the state diagram by printing it anew."""

import re
from collections import defaultdict
from itertools import chain
from pkgutil import resolve_name

import pytest

from docs import states
from docs.guards_in_words import guard_in_words, required_by_all
from paylatch.domain import clauses
from paylatch.domain.clauses import ClauseTemplate
from paylatch.domain.order import PaymentStatus
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions import STATE_TABLE
from paylatch.ports import LAST_SEQ
from tests.closure.weakenings import clause_part
from tests.orders_table import ROOT
from tests.transition_cases import NOW_PAYING, lock_of
from tests.unit.test_transition_laws import CASES

UNITS = (ROOT / "docs" / "units.md").read_text()
SYMBOLS = sorted(set(re.findall(r"`(paylatch\.[\w.]+)`", UNITS)))
# Every form of every transition, planned.
PLANNED = [*(transition for _, transition in CASES.values()), lock_of(NOW_PAYING)]
NAMES = {
    "receiving unit": "接收單元",
    "locking unit": "加鎖單元",
    "instruction generating unit": "指令生成單元",
    "trigger unit": "觸發單元",
    "payment status modifying unit": "支付狀態修改單元",
    "unlocking unit": "解鎖單元",
}


@pytest.mark.parametrize(("english", "chinese"), NAMES.items())
def test_every_unit_of_the_source_document_has_a_place(english: str, chinese: str) -> None:
    (row,) = [line for line in UNITS.splitlines() if line.startswith(f"| {english} |")]
    assert chinese in row
    assert re.search(r"`paylatch\.[\w.]+`", row)


@pytest.mark.parametrize("reason", [ReleaseReason.TIMED_OUT, ReleaseReason.CANCELLED])
def test_both_sub_units_have_a_place(reason: ReleaseReason) -> None:
    assert f"{ReleaseReason.__module__}.{ReleaseReason.__name__}.{reason.name}`" in UNITS


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_every_symbol_of_the_units_table_is_there(symbol: str) -> None:
    assert resolve_name(symbol)


CALLERS = [
    ("payment_requests", "request_payment"),
    ("timers", "run_timer"),
    ("timeout_sweeps", "sweep_timeouts"),
    ("payment_cancellations", "cancel_payment"),
]


@pytest.mark.parametrize(("function", "use_case"), CALLERS)
def test_the_functions_of_the_units_table_call_what_it_says(function: str, use_case: str) -> None:
    (row,) = [line for line in UNITS.splitlines() if f"`functions/{function}`" in line]
    assert f".{use_case}`" in row
    assert re.search(rf"^from paylatch\.use_cases\.{use_case} import .*\b{use_case}$", app_of(function), re.MULTILINE)


def app_of(function: str) -> str:
    return (ROOT / "functions" / function / "app.py").read_text()


def test_the_page_of_the_states_is_up_to_date() -> None:
    assert states.PAGE.read_text() == states.page(), "run: python -m docs.states"


def test_the_readmes_diagram_is_up_to_date() -> None:
    text = states.README.read_text()
    assert states.BEGIN in text
    assert states.with_diagram(text) == text, "run: python -m docs.states"


def test_the_page_names_every_transition_and_every_status() -> None:
    page = states.PAGE.read_text()
    assert all(f"| `{name}` |" in page for name in STATE_TABLE)
    assert all(status in states.diagram() for status in PaymentStatus)


def test_a_guard_in_words_says_each_clause_and_no_other() -> None:
    assert guard_in_words("quarantine") == (
        "this attempt holds the order; the attempt is at this gateway; "
        "the payment is not recorded, or only as `claimed`; version check"
    )


def test_a_guard_in_words_distinguishes_the_forms_of_a_transition() -> None:
    assert guard_in_words("settle").endswith(
        "written without a read: the order is `in_payment` and the attempt was never `processing` and the payment is "
        "not recorded and `pay_by` is missing; "
        "planned from a read: the payment is not recorded, or only as `claimed` and version check"
    )


@pytest.mark.parametrize("name", STATE_TABLE)
def test_a_row_declares_the_clauses_of_each_form_that_is_planned_and_no_others(name: str) -> None:
    planned = {tuple(clause.description for clause in each.guard) for each in PLANNED if each.name == name}
    rule = STATE_TABLE[name]
    forms = [(*rule.required_of_order, *rule.clauses, *form) for form in rule.forms.values()]
    assert planned == {tuple(template.description for template in form) for form in forms}


@pytest.mark.parametrize("name", STATE_TABLE)
def test_the_page_prints_each_clause_that_is_planned_and_no_other_words(name: str) -> None:
    _, _, table = states.PAGE.read_text().partition("| transition | from |")
    row = next(line for line in table.splitlines() if line.startswith(f"| `{name}` |"))
    printed, rule = row.split(" | ")[2], STATE_TABLE[name]
    status = clauses.status_is_one_of(rule.sources).description
    planned = {clause.description for each in PLANNED if each.name == name for clause in each.guard}
    assert {words for words in planned if words not in printed} <= {status, *required_by_all()}
    for words in sorted({*planned, *rule.forms} - {""}, key=len, reverse=True):
        printed = printed.replace(words, "")
    assert set(re.findall(r"\w+", printed)) <= {"and"}


def test_a_description_of_a_clause_stands_for_one_comparison() -> None:
    compared: dict[str, set[str]] = defaultdict(set)
    for clause in chain.from_iterable(each.guard for each in PLANNED):
        compared[clause.description].add(clause_part(clause))
    assert {words: parts for words, parts in compared.items() if len(parts) > 1} == {}


def test_every_declared_clause_is_one_that_a_transition_has() -> None:
    rows = STATE_TABLE.values()
    used = {each for rule in rows for each in chain(rule.required_of_order, rule.clauses, *rule.forms.values())}
    assert {each for each in vars(clauses).values() if isinstance(each, ClauseTemplate)} <= used


def test_the_page_about_data_says_how_many_digits_an_events_key_has() -> None:
    assert len(str(LAST_SEQ)) == 8
    assert "by its eight-digit `seq`" in (ROOT / "docs" / "data.md").read_text()

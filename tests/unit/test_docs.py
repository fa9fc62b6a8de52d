"""The docs agree with the code: the units table by import, the state diagram by printing it anew."""

import re
from pkgutil import resolve_name

import pytest

from docs import states
from docs.guards_in_words import REVISIONS, WORDS, guard_in_words
from paylatch.domain.order import PaymentStatus
from paylatch.domain.release_reasons import ReleaseReason
from paylatch.domain.transitions import STATE_TABLE
from paylatch.ports import LAST_SEQ
from tests.orders_table import ROOT

UNITS = (ROOT / "docs" / "units.md").read_text()
SYMBOLS = sorted(set(re.findall(r"`(paylatch\.[\w.]+)`", UNITS)))
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
        "written without a read: the order is `in_payment` and the payment is not recorded; "
        "planned from a read: the payment is not recorded, or only as `claimed` and version check"
    )


@pytest.mark.parametrize("words", [*WORDS.values(), *REVISIONS.values()])
def test_no_words_are_kept_for_a_clause_that_no_transition_has(words: str) -> None:
    page = states.PAGE.read_text()
    assert all(part in page for part in re.split(r"\\\d|\w*`\\1`", words))


def test_the_page_about_data_says_how_many_digits_an_events_key_has() -> None:
    assert len(str(LAST_SEQ)) == 8
    assert "by its eight-digit `seq`" in (ROOT / "docs" / "data.md").read_text()

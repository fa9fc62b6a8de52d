"""The guards of transitions in words, read from the clauses of transitions that are built for an order."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

from paylatch.domain import guards
from paylatch.domain.documents import order_from_document
from paylatch.domain.transitions import STATE_TABLE, Transition, money_returned
from tests.transition_cases import AFTER_A_RETURN, ROWS, aimed_at, fitting, head_of, paid_back, write_context

# What the page says instead of a clause's own text, which names the values of one order.
WORDS: Mapping[str, str] = {
    r"there is no such order": "no order has this id",
    r"the caller owns it": "the caller is the order's buyer or seller, or a service",
    r"nothing happened since it was read": "version check",
    r"this attempt holds it": "this attempt holds the order",
    r"this attempt was never made before|nor .*": "the attempt id is new",
    r"the (amount|currency) is the (?:attempt|order)'s": r"the \1 is the agreed one",
    r"it has had fewer than (\d+) attempts": r"fewer than \1 attempts were made",
    r"this payment is not known yet": "the payment is not recorded",
    r"this payment has no place yet": "the payment is not recorded, or only as `claimed`",
    r"less of this payment was returned so far": "the new total returned is larger than the recorded one",
    r"this dispute is not known yet": "the dispute is not recorded",
    r"this dispute is not closed yet": "the dispute is not recorded, or is `open`",
    r"the order is (\w+)": r"the order is `\1`",
    r"the attempt is opening": "the attempt is `opening`",
}
REVISIONS = {
    "edit": "the revision is that of `If-Match`",
    "release_and_edit": "the revision is that of `If-Match`",
    "lock": "the revision is that of `If-Match`, if the request has one",
    "accept_late": "the revision is the one that the late attempt was for",
}


def guard_in_words(name: str) -> str:
    """The clauses of a transition; where it has several forms, those that all share and then those of each form.

    What `required_by_all` names is left out.
    """
    common = required_by_all()
    forms = {label: _without(common, _clauses(name, form)) for label, form in _forms(name).items()}
    shared = [words for words in next(iter(forms.values())) if all(words in form for form in forms.values())]
    particular = {label: _without(shared, form) for label, form in forms.items()}
    return "; ".join([*shared, *(f"{label}: {' and '.join(words)}" for label, words in particular.items() if words)])


@cache
def required_by_all() -> tuple[str, ...]:
    """The clauses that every transition of an existing order has."""
    guarded = [_clauses(name, form) for name in STATE_TABLE for form in _forms(name).values() if name != "create"]
    return tuple(words for words in guarded[0] if all(words in clauses for clauses in guarded))


def _without(left_out: Iterable[str], clauses: list[str]) -> list[str]:
    return [words for words in clauses if words not in left_out]


def _forms(name: str) -> Mapping[str, Transition]:
    """The forms of a transition, by the case that each is for."""
    usual = fitting(name)[1]
    match name:
        case "settle":
            return {"written without a read": usual, "planned from a read": aimed_at(name, "releasing")}
        case "release":
            return {"": usual, "where captured money went back": fitting(name, AFTER_A_RETURN)[1]}
        case "money_returned":
            return {"a recorded payment": usual, "any other payment": _return_of_an_unrecorded_payment()}
    return {"": usual}


def _return_of_an_unrecorded_payment() -> Transition:
    order = order_from_document(head_of(ROWS["money_returned"][0]))
    return money_returned(order, replace(paid_back("pay-new"), returned=2500), write_context())


def _clauses(name: str, form: Transition) -> list[str]:
    """Each clause in words, once, without the status, which has a column of its own."""
    sources = guards.status_is_one_of(STATE_TABLE[name].sources)
    return list(dict.fromkeys(_in_words(name, clause.description) for clause in form.guard if clause != sources))


def _in_words(name: str, description: str) -> str:
    if re.fullmatch(r"it is at revision \d+", description):
        return REVISIONS[name]
    if re.fullmatch(r"the attempt is \w+", description) and name != "record_session":
        return "the attempt's status is the one that was read"
    if found := re.fullmatch(r"this refund is (.*)", description):
        return f"the refund is {' or '.join(f'`{status}`' for status in found[1].split(' or '))}"
    for pattern, words in WORDS.items():
        if found := re.fullmatch(pattern, description):
            return found.expand(words)
    return description

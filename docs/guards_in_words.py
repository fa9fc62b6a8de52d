"""The guards of transitions in words: the descriptions of the clauses that the rows of the state table list."""

from collections.abc import Iterable

from paylatch.domain.clauses import ClauseTemplate
from paylatch.domain.transitions import STATE_TABLE


def guard_in_words(name: str) -> str:
    """The clauses of a transition; where it has several forms, those that all share and then those of each form.

    What `required_by_all` names is left out, and the statuses that it leads from, which have a column of their own.
    """
    forms = {label: _without(required_by_all(), clauses) for label, clauses in clauses_in_words(name).items()}
    shared = [words for words in next(iter(forms.values())) if all(words in form for form in forms.values())]
    particular = {label: _without(shared, form) for label, form in forms.items()}
    return "; ".join([*shared, *(f"{label}: {' and '.join(words)}" for label, words in particular.items() if words)])


def required_by_all() -> tuple[str, ...]:
    """The clauses that every transition of an existing order has."""
    guarded = [form for name in STATE_TABLE for form in clauses_in_words(name).values() if STATE_TABLE[name].sources]
    return tuple(words for words in guarded[0] if all(words in clauses for clauses in guarded))


def clauses_in_words(name: str) -> dict[str, list[str]]:
    """The clauses of each form of a transition, without the one about the statuses that it leads from."""
    rule = STATE_TABLE[name]
    required = rule.required_of_order[1:] if rule.sources else rule.required_of_order
    return {label: _words((*required, *rule.clauses, *form)) for label, form in rule.forms.items()}


def _words(templates: Iterable[ClauseTemplate]) -> list[str]:
    return [template.description for template in templates]


def _without(left_out: Iterable[str], clauses: list[str]) -> list[str]:
    return [words for words in clauses if words not in left_out]

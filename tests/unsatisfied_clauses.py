"""Heads that differ from a fitting one in just what makes one clause of its transition's guard untrue."""

from typing import Any

from paylatch.domain.guards import Clause, Comparison, Operator
from paylatch.domain.ids import attempt_suffix
from paylatch.domain.money_documents import dispute_document, payment_document, refund_document
from paylatch.domain.order import PaymentStatus
from paylatch.domain.payment import DisputeStatus
from paylatch.domain.timestamps import as_text
from tests.transition_cases import EXACT, LATER, OLD, ROWS, dispute_of, entry_of, fitting, head_of, requested_refund

# One pair for each clause of each row's guard. A row without a case is reported by the tests of the state matrix.
CLAUSES = [(row, number) for row in ROWS for number in range(len(fitting(row)[1].guard))]
_OTHER_WORDS = {
    "payment_status": [status.value for status in PaymentStatus],
    "attempt.status": ["declined", "cancelled"],
    "refunds.status": ["refunded", "due", "written_off"],
    "disputes.status": ["lost"],
    "payments.place": ["settled"],
}
_RECORDS = {
    "past_attempts": head_of("pending")["past_attempts"][attempt_suffix(OLD)],
    "payments": payment_document(entry_of(EXACT)),
    "refunds": refund_document(requested_refund("pay-1")),
    "disputes": dispute_document(dispute_of(DisputeStatus.LOST)),
}


def clause_id(row: str, number: int) -> str:
    """The clause as a sentence."""
    return f"{row}: {fitting(row)[1].guard[number].description}"


def falsified(document: dict[str, Any], clause: Clause) -> dict[str, Any]:
    """A head that does not satisfy the clause. Empty where only an order that does not exist can fail it."""
    if not document:
        return head_of("pending")
    head = _copied(document)
    for comparison in clause.any_of:
        if comparison.operator is Operator.EXISTS or not _break(head, comparison, clause):
            return {}
    return head


def _break(head: dict[str, Any], comparison: Comparison, clause: Clause) -> bool:
    *parents, name = comparison.path
    place = head
    for step in parents:
        place = place[step]
    if comparison.operator is Operator.MISSING:
        place[name] = _RECORDS[parents[0]] if parents and parents[0] in _RECORDS else as_text(LATER)
        return True
    if comparison.operator is Operator.LACKS:
        place[name] = {comparison.value}
        return True
    if comparison.operator is Operator.GREATER_THAN:
        place[name] = comparison.value
        return True
    if isinstance(comparison.value, bool):
        place[name] = not comparison.value
        return True
    if isinstance(comparison.value, int):
        place[name] = comparison.value + 1
        return True
    taken = {other.value for other in clause.any_of}
    others = [word for word in _OTHER_WORDS.get(".".join([*parents[:1], name]), ["somebody else"]) if word not in taken]
    place[name] = others[0] if others else None
    return bool(others)


def _copied(document: dict[str, Any]) -> dict[str, Any]:
    return {name: _copied(value) if isinstance(value, dict) else value for name, value in document.items()}

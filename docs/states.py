"""Prints the states and transitions into `docs/states.md`, and the diagram into the README: `python -m docs.states`."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from docs.guards_in_words import guard_in_words, required_by_all
from paylatch.domain.late_money import DECISIONS, Decision, Holding
from paylatch.domain.limits import TRIES
from paylatch.domain.order import LOCKED, PaymentStatus
from paylatch.domain.payment import IN_FLIGHT, AttemptStatus, DisputeStatus, PaymentPlace, RefundStatus
from paylatch.domain.transitions import STATE_TABLE, Rule

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "states.md"
README = ROOT / "README.md"
BEGIN, END = "<!-- states -->\n", "<!-- /states -->"
EVERY = frozenset(PaymentStatus)
EDITABLE = STATE_TABLE["edit"].sources

MEANINGS: Mapping[type[StrEnum], Mapping[str, str]] = {
    PaymentStatus: {
        "pending_payment": "Nobody is paying. The order can be edited, paid or cancelled.",
        "in_payment": "A payment attempt holds the order.",
        "releasing": "The payment is given up, and the gateway has not confirmed yet that it is closed.",
        "paid": "One attempt settled the order. The status never changes again.",
        "cancelled": "The order ended unpaid. The status never changes again.",
        "review": "Money was captured that is not what was agreed. An operator settles or refunds it.",
    },
    AttemptStatus: {
        "opening": "The order is locked; the gateway has not confirmed the session yet.",
        "open": "The gateway has a session, and the payer a link.",
        "processing": "The payer has submitted the payment; the bank has not decided, which may take days.",
        "closing": "The payment is given up; the gateway has not confirmed yet.",
        "succeeded": "Its money settled the order.",
        "declined": "The gateway or the bank refused it for good.",
        "cancelled": "Closed because somebody gave the payment up.",
        "timed_out": "Closed because its deadline passed.",
        "refund_due": "Its money must go back, and has not yet.",
        "refunded": "Its money went back.",
        "written_off": "Its money did not go back, and an operator gave up on the refund.",
        "mismatched": "Its money is not what was agreed: the order is in `review`.",
    },
    PaymentPlace: {
        "claimed": "The gateway reported it, and has not confirmed that it still holds it. Nothing is decided.",
        "settled": "It paid for the order.",
        "review": "It is not what was agreed; an operator decides.",
        "refund": "A refund of it is recorded.",
        "returned": "It went back before it paid for anything.",
    },
    RefundStatus: {
        "due": "To be made; the sweep asks the gateway again, with backoff, until it confirms.",
        "refunded": "The gateway confirmed it. A refund that fails afterwards is `due` again.",
        "refused": "The gateway will not make it and is not asked again automatically. An operator acts.",
        "written_off": "A named operator gave up on it.",
    },
    Decision: {
        "nothing": "nothing changes",
        "ask": "the gateway is asked how much it still holds; the answer decides by the same row",
        "wait": "the order stays locked, and the gateway is asked again",
        "claim": "the payment is recorded as `claimed`, and the gateway is asked again",
        "settle": "the order is paid",
        "quarantine": "the order goes to `review`",
        "release": "the payment is recorded as `returned`, and the order is unlocked",
        "accept_late": "the order is paid by the ended attempt",
        "owe_refund": "what the gateway still holds becomes a refund that is due",
        "record_return": "the payment is recorded as `returned`",
    },
    DisputeStatus: {
        "open": "The payer contests the payment.",
        "won": "The shop keeps the money.",
        "lost": "The money went back to the payer.",
    },
}


def diagram() -> str:
    """The transitions that lead from one status to another, in mermaid."""
    edges: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, rule in STATE_TABLE.items():
        for source, target in _edges(rule):
            edges[source, target].append(name)
    lines = [f"    {source} --> {target}: {', '.join(names)}" for (source, target), names in edges.items()]
    ends = [f"    {status} --> [*]" for status in (PaymentStatus.PAID, PaymentStatus.CANCELLED)]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, *ends, "```"]) + "\n"


def page() -> str:
    """`docs/states.md`, whole."""
    return f"""\
# States and transitions

*Reference.* Printed from the code by `python -m docs.states`; a test fails where this page differs from it.

## The order: `payment_status`

{_statuses_table()}
{diagram()}
## Transitions

Each transition is one conditional `UpdateItem`. It is written only where the status is one of *from* and every
condition of *guard* holds; otherwise nothing changes. The write sets the status *to* and records the event.

*Version check*: the write carries the version of the order that was read, and fails where another write came between
(optimistic concurrency). It is then planned again from the order as it is now, up to {TRIES} times.

{_transitions_table()}{_required_by_all()}
Only an operator may cause `force_release`, `write_off`, `settle_review` and `refund_review`. The use case checks that
before it plans the transition.

## The payment attempt: `status`

{_table("status", AttemptStatus, IN_FLIGHT, "in flight")}
At most one attempt of an order is in flight.

## Captured money: where each payment is in the ledger

Each captured payment has exactly one place.

{_table("place", PaymentPlace)}
## Refunds

{_table("status", RefundStatus)}
## Disputes

{_table("status", DisputeStatus)}
## Captured money: what is done about a report

A gateway reports that it captured money. The row is what the order is at that moment, the column what is known of how
much the gateway still holds (`DECISIONS` in `layers/common/paylatch/domain/late_money.py`):

{_decisions_table()}
What each decision means:

{_table("decision", Decision)}"""


def with_diagram(text: str) -> str:
    """The README with the diagram between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{diagram()}{END}{after}"


def _edges(rule: Rule) -> Iterator[tuple[str, str]]:
    if not rule.sources and rule.target:
        yield "[*]", rule.target
    for source in sorted(rule.sources, key=list(PaymentStatus).index):
        if rule.target is not None:
            yield source, rule.target


def _statuses_table() -> str:
    rows = [
        f"| `{status}` | {_yes(status in LOCKED)} | {_yes(status in EDITABLE)} | {MEANINGS[PaymentStatus][status]} |"
        for status in PaymentStatus
    ]
    return _lines("| status | locked | can be edited | meaning |", rows)


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


def _table(title: str, states: type[StrEnum], chosen: frozenset[AttemptStatus] = frozenset(), column: str = "") -> str:
    if not column:
        return _lines(f"| {title} | meaning |", [f"| `{state}` | {MEANINGS[states][state]} |" for state in states])
    rows = [f"| `{state}` | {_yes(state in chosen)} | {MEANINGS[states][state]} |" for state in states]
    return _lines(f"| {title} | {column} | meaning |", rows)


def _decisions_table() -> str:
    rows = [
        f"| {situation} | {' | '.join(f'`{row[holding]}`' for holding in Holding)} |"
        for situation, row in DECISIONS.items()
    ]
    return _lines(f"| the order | {' | '.join(Holding)} |", rows)


def _transitions_table() -> str:
    rows = [_row(name, rule) for name, rule in STATE_TABLE.items()]
    return _lines("| transition | from | guard | to | event |", rows)


def _required_by_all() -> str:
    common = "; ".join(required_by_all())
    return f"\nEvery guard except that of `create` also requires: {common}.\n" if common else ""


def _lines(head: str, rows: list[str]) -> str:
    return "\n".join([head, "|---" * (head.count("|") - 1) + "|", *rows, ""])


def _row(name: str, rule: Rule) -> str:
    sources = sorted(rule.sources, key=list(PaymentStatus).index)
    came_from = "any" if rule.sources == EVERY else ", ".join(sources) or "nothing"
    return f"| `{name}` | {came_from} | {guard_in_words(name)} | {rule.target or 'unchanged'} | {rule.event} |"


if __name__ == "__main__":
    PAGE.write_text(page())
    README.write_text(with_diagram(README.read_text()))

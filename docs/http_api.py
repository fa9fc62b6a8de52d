"""Prints the errors of each call and the table of problems into `docs/http-api.md`: `python -m docs.http_api`."""

import re
from itertools import groupby
from pathlib import Path
from textwrap import fill

from openapi.operations import OPERATIONS
from paylatch.runtime.operation import Operation
from paylatch.runtime.problems import INTERNAL_ERROR, NO_SUCH_ROUTE, PROBLEMS, Problem

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "http-api.md"
WIDTH = 120
BEGIN, END = "<!-- problems -->\n", "<!-- /problems -->"
# What a caller does about each problem, by its code.
ADVICE = {
    "attempt-not-found": "The order has no attempt with this id. Read the order: `payment` is the current attempt.",
    "body-too-large": "Send at most 64 KB; a callback may have 6 MB.",
    "callback-rejected": (
        "Only gateways get this. Either the gateway's secret and ours differ, or the callback is forged."
    ),
    "gateway-refused": "The refusal is final, and the order is unlocked. Try another gateway or another amount.",
    "gateway-unavailable": (
        "It is not known whether a payment was opened; the order stays locked. Send the **same** request with the"
        " **same** key after `Retry-After`: within two minutes it completes the payment request. After that the sweep"
        " closes the attempt."
    ),
    "idempotency-key-missing": "Send an `Idempotency-Key`; see [Three headers](#three-headers).",
    "idempotency-key-reused": (
        "The key was used with another request, or its payment attempt ended too long ago. Use a new key for a new"
        " request."
    ),
    "internal-error": "A fault in Paylatch. Repeat the request with the same key, and inform the operators.",
    "invalid-request": "Show `errors`: each entry names a field and its fault. Do not repeat the request unchanged.",
    "no-such-route": "Correct the path.",
    "edit-not-allowed": "Show `errors`: each entry names a field and why it may not change. A seller may edit it.",
    "not-allowed": "The token's role may not do this. Use another token.",
    "order-cancelled": "Place another order.",
    "order-locked": (
        "The order is being paid: `attempt_id` is the attempt, `locked_until` its deadline (null: not known). Wait"
        " `Retry-After` seconds, or cancel that payment. `overdue`: the deadline has passed; repeat it at once."
    ),
    "order-not-found": "The order does not exist, or it is not the caller's. Do not repeat.",
    "order-paid": "The order can no longer change. Read it.",
    "order-too-large": "The order's record has no room for this change. Do not repeat; inform the operators.",
    "order-unreadable": (
        "This release cannot read the order's record; other orders are not affected. Nothing was changed. Repeat the"
        " request after `Retry-After`, and inform the operators."
    ),
    "not-payable": (
        "The seller has set `payable` to false, for instance while a price is reworked. Read the order again later:"
        " `payable` is true once it can be paid."
    ),
    "pay-by-passed": (
        "The order's `pay_by` has passed, and the order is about to be cancelled. A seller or a service may move"
        " `pay_by` while the order is still `pending_payment`."
    ),
    "payment-completed": "The payment succeeded before it was stopped. Read the order: it is paid or under review.",
    "payment-processing": (
        "The payer has submitted the payment, and the bank has not decided, which may take days. Read the order now and"
        " then: it becomes paid, or unlocked where the payment fails."
    ),
    "precondition-required": "Send `If-Match` with the ETag of the order that was read.",
    "reference-taken": (
        "Another order of this seller has claimed the reference. Choose another one, or find that order in the list of"
        " orders."
    ),
    "refund-not-found": "The order has no refund with this id. Read the order: `refunds` and `unapplied` list them.",
    "order-not-finished": "Cancel the order, or wait until its payment is over; then erase again.",
    "money-outstanding": "`detail` names what is open. Erase again once it is settled.",
    "order-not-paid": "There is no payment to refund. Read the order; refund it once it is paid.",
    "refund-disputed": "The payer disputes the payment, and the gateway decides: send evidence there. Refund it later.",
    "decided-otherwise": "Another operator decided the opposite. Read the history: it has who decided, and why.",
    "refund-exceeds-payment": "Of the payment only `left` can be refunded. Read the order: `refunds`, `ledger`.",
    "too-many-refunds": "The shop has requested 20 refunds of the order. Refund the rest at the gateway by hand.",
    "revision-mismatch": (
        "The order was edited; `revision` is its current one. Read the order, show it, and let the user decide."
    ),
    "store-refused": (
        "The stack's set-up is at fault: inform the operators. Then repeat the request with the same key."
    ),
    "store-unavailable": "The outcome is not known. Repeat the request with the same key to learn it.",
    "too-many-attempts": "The order has reached the largest number of payment attempts. Place another order.",
    "event-not-published": "Repeat the request; what was published already comes twice.",
    "try-again": "Other requests kept changing the order. Repeat the request.",
    "unsupported-media-type": "Send `application/json`; for an edit also `application/merge-patch+json`.",
}


def page(text: str) -> str:
    """The page with its printed parts printed anew."""
    for operation in OPERATIONS:
        text = _with_errors(text, operation)
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{problems_table()}{END}{after}"


def errors_paragraph(operation: Operation) -> str:
    """The paragraph of one call: each problem of its own by status and code."""
    problems = sorted({(PROBLEMS[kind].status, PROBLEMS[kind].code) for kind in operation.problems})
    names = ", ".join(f"{status} `{code}`" for status, code in problems) or "none of its own"
    return fill(f"Errors: {names}.", WIDTH, break_long_words=False, break_on_hyphens=False)


def problems_table() -> str:
    """One row for each status and code; titles that share a code stand together."""
    rows = [_row(list(same)) for _, same in groupby(sorted(_problems(), key=_place), key=_place)]
    return "\n".join(["| status | code | title | what to do |", "|---|---|---|---|", *rows]) + "\n"


def _with_errors(text: str, operation: Operation) -> str:
    section = re.compile(
        rf"(^### {re.escape(operation.route)}\n.*?^)Errors:.*?$(?=\n\n|\n?\Z)", re.DOTALL | re.MULTILINE
    )
    return section.sub(lambda found: found[1] + errors_paragraph(operation), text, count=1)


def _problems() -> list[Problem]:
    return list(dict.fromkeys([*PROBLEMS.values(), NO_SUCH_ROUTE, INTERNAL_ERROR]))


def _place(problem: Problem) -> tuple[int, str]:
    return problem.status, problem.code


def _row(same: list[Problem]) -> str:
    status, code = _place(same[0])
    titles = "; ".join(dict.fromkeys(problem.title for problem in same))
    return f"| {status} | `{code}` | {titles} | {ADVICE[code]} |"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))

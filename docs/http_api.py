"""Prints the refusals of each call and the table of problems into `docs/http-api.md`: `python -m docs.http_api`."""

import re
import sys
from itertools import groupby
from pathlib import Path
from textwrap import fill

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "layers" / "common"))

from paylatch.runtime.contract.operation import Operation  # noqa: E402
from paylatch.runtime.contract.operations import OPERATIONS  # noqa: E402
from paylatch.runtime.problems import INTERNAL_ERROR, NO_SUCH_ROUTE, PROBLEMS, Problem  # noqa: E402

PAGE = ROOT / "docs" / "http-api.md"
WIDTH = 120
BEGIN, END = "<!-- problems -->\n", "<!-- /problems -->"
# What a caller does about each problem, by its code.
ADVICE = {
    "refund-not-found": "The order has no such refund. Read the order: `unapplied` names its refunds.",
    "attempt-not-found": "The order has no such attempt. Read the order: `payment` is the current one.",
    "body-too-large": "At most 64 KB.",
    "callback-rejected": "Only gateways hear this. Their secret and ours differ, or somebody forges.",
    "gateway-refused": "The gateway said no for good; the order is unlocked again. Another gateway, or another amount.",
    "gateway-unavailable": (
        "Nobody knows yet whether a payment was opened; the order stays locked. The **same** request with the"
        " **same** key after `Retry-After` finishes the job, within two minutes; then the sweep closes it."
    ),
    "idempotency-key-missing": "Send an `Idempotency-Key`; see [Three headers](#three-headers).",
    "idempotency-key-reused": (
        "The key came with another request before, or its payment ended long ago. A new request needs a new key."
    ),
    "internal-error": "A mistake of ours. Repeating is safe with the same key; inform the operators.",
    "invalid-request": "Show `errors`: each names a field and what is wrong with it. Do not repeat it unchanged.",
    "no-such-route": "The path is wrong.",
    "not-allowed": "The token's role cannot do this. Another token, or leave it.",
    "order-cancelled": "Place another order.",
    "order-locked": (
        "Somebody is paying: `attempt_id` is who, `locked_until` until when (null: not known). Wait "
        "`Retry-After` seconds, or cancel that payment."
    ),
    "order-not-found": "There is none, or it is not the caller's. Do not repeat.",
    "order-paid": "Done: the order can no longer change. Read it.",
    "order-too-large": "The order's record has no room for this change. Do not repeat it; inform the operators.",
    "order-unreadable": (
        "The order's record holds what this release does not know; other orders are not concerned. Nothing is"
        " decided about it; the same request again after `Retry-After`, and inform the operators."
    ),
    "payment-completed": "The money was there first. The order is paid (or under review): read it, thank the buyer.",
    "precondition-required": "Send `If-Match` with the ETag that was read.",
    "revision-mismatch": "Somebody edited the order; `revision` is the one it has now. Read it, show it, ask again.",
    "store-refused": "The shop's own set-up is at fault: inform the operators. Then the same request, the same key.",
    "store-unavailable": "The outcome is not known yet. The same request again, with the same key, tells.",
    "too-many-attempts": "The order has had as many payment attempts as an order may have. Place another order.",
    "try-again": "Others kept changing the order. The same request again.",
    "unsupported-media-type": "`application/json`; for an edit also `application/merge-patch+json`.",
}


def page(text: str) -> str:
    """The page with its printed parts printed anew."""
    for operation in OPERATIONS:
        text = _with_refusals(text, operation)
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{problems_table()}{END}{after}"


def refusals(operation: Operation) -> str:
    """The paragraph of one call: each problem of its own by status and code."""
    told = sorted({(PROBLEMS[kind].status, PROBLEMS[kind].code) for kind in operation.problems})
    names = ", ".join(f"{status} `{code}`" for status, code in told) or "none of its own"
    return fill(f"Refusals: {names}.", WIDTH, break_long_words=False, break_on_hyphens=False)


def problems_table() -> str:
    """One row for each status and code; titles that share a code stand together."""
    rows = [_row(list(same)) for _, same in groupby(sorted(_problems(), key=_place), key=_place)]
    return "\n".join(["| status | code | title | what to do |", "|---|---|---|---|", *rows]) + "\n"


def _with_refusals(text: str, operation: Operation) -> str:
    section = re.compile(
        rf"(^### {re.escape(operation.route)}\n.*?^)Refusals:.*?$(?=\n\n|\n?\Z)", re.DOTALL | re.MULTILINE
    )
    return section.sub(lambda found: found[1] + refusals(operation), text, count=1)


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

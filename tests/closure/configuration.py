"""The bounds of a closure: the numbers of attempts, contents and payments, and the optional events."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import product
from unittest.mock import patch

from paylatch.domain.caller import Caller, Role, payer_with
from paylatch.domain.payment import Capture
from paylatch.domain.payment_terms import USUAL_TERMS, LateMoney, PaymentTerms
from paylatch.domain.refund_request import RefundRequest
from paylatch.domain.transitions import attempt_changes
from paylatch.use_cases import release_payment

ORDER_ID = "D7KY3NPF3FM5GY6V"
ATTEMPTS = tuple(f"{ORDER_ID}_{suffix}" for suffix in ("0AAAAAAA", "0BBBBBBB", "0CCCCCCC", "0DDDDDDD"))
# Not an attempt of the order; a gateway may still report money for it.
UNKNOWN_ATTEMPT = f"{ORDER_ID}_0ZZZZZZZ"
PAYMENTS = ("pay-1", "pay-2", "pay-3")
DISPUTES = ("dispute-1", "dispute-2")
GATEWAYS = ("sandbox", "elsewhere")
TOTALS = (2500, 3750, 5000)
SHORT = 100
# Equal to the short sum: the returned total of one statement may occur in another of another sum.
PART = SHORT
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DEADLINE = NOW + timedelta(minutes=15)
LATER = NOW + timedelta(hours=1)
MUCH_LATER = NOW + timedelta(days=14)
BUYER = Caller("buyer-1", frozenset({Role.BUYER}))
# The payment links of an order, one after the other.
LINKS = ("7Q2ZC4N8XW1KT5RVB0HJ6M3D9P", "0Q2ZC4N8XW1KT5RVB0HJ6M3D9P")
PAYERS = tuple(payer_with(link_id) for link_id in LINKS)
OTHER_CALLER = Caller("stranger", frozenset({Role.BUYER}))
# The terms of an order that is not payable, that was to be paid before, and that is to be paid later.
TERMS = (
    USUAL_TERMS,
    PaymentTerms(payable=False),
    PaymentTerms(pay_by=NOW, late_money=LateMoney.REFUND),
    PaymentTerms(pay_by=DEADLINE),
)
# A head holds only the total of a content.
CONTENTS = {total: f"content-{total}" for total in (*TOTALS, SHORT, 0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The bounds of one closure; the number of steps and of processes has none.

    `other_gateway`: a second gateway, and another currency. `refused`: also what must be refused at every head.
    `returns`: a gateway may say that a part of a payment went back, or all of it. `guards_alone`: everything is planned
    from every head, also where a use case that looks first would not, and for attempts that do not hold it. `bounds`: a
    head keeps one ended attempt, one live link, and has one attempt less than there are ids. `late`: a write planned
    from a read that carries no version may arrive at any later head, after its content was removed; then heads are not
    reduced by symmetry, and the order is edited at most twice. `free`: one more content, which costs nothing. `terms`:
    edits change the payment terms, an order ends at its `pay_by`, and is handed over. `requested`: the shop may refund
    the order so often, a part first and then all that is left; where that is twice, gateways capture the agreed sum
    only. `links`: the order gets a payment link, which is renewed once, and whoever has the one or the other pays.
    `erased`: personal data is erased, also a second time.
    """

    name: str
    attempts: int
    contents: int
    payments: int
    other_gateway: bool = False
    refused: bool = False
    returns: bool = False
    disputes: int = 0
    guards_alone: bool = False
    bounds: bool = False
    late: bool = False
    free: bool = False
    terms: bool = False
    requested: int = 0
    links: bool = False
    erased: bool = False

    @property
    def attempt_ids(self) -> tuple[str, ...]:
        """The attempts that there may be."""
        return ATTEMPTS[: self.attempts]

    @property
    def payment_ids(self) -> tuple[str, ...]:
        """The gateway's names of the payments that there may be."""
        return PAYMENTS[: self.payments]

    @property
    def gateways(self) -> tuple[str, ...]:
        """The gateways at which attempts are made and that report their money."""
        return GATEWAYS if self.other_gateway else GATEWAYS[:1]

    @property
    def totals(self) -> tuple[int, ...]:
        """The totals of the contents."""
        return (*TOTALS[: self.contents], *((0,) if self.free else ()))

    @property
    def payment_terms(self) -> tuple[PaymentTerms, ...]:
        """The terms that an edit may set."""
        return TERMS if self.terms else TERMS[:1]

    @property
    def dispute_ids(self) -> tuple[str, ...]:
        """The gateway's names of the disputes that there may be."""
        return DISPUTES[: self.disputes]

    @property
    def refund_requests(self) -> tuple[RefundRequest, ...]:
        """The refunds that the shop may request."""
        wanted = ((PART, "return-1"), (None, "return-2"))
        return tuple(RefundRequest(ORDER_ID, amount, "it came back", key) for amount, key in wanted[: self.requested])

    @property
    def captures(self) -> tuple[Capture, ...]:
        """The captures that a gateway may report: a content's total, or another sum or currency."""
        charged = TOTALS[: self.contents]
        amounts = charged if self.contents > 1 or self.requested > 1 else (*charged, SHORT)
        sums = [(amount, "EUR") for amount in amounts] + ([(self.totals[0], "USD")] if self.other_gateway else [])
        return tuple(
            Capture(payment, amount, currency, returned)
            for payment, (amount, currency) in product(self.payment_ids, sums)
            for returned in self.returned_of(amount)
        )

    @property
    def returned_totals(self) -> tuple[int, ...]:
        """The returned totals of any payment that a gateway may report, also above what it captured."""
        return tuple(sorted({capture.returned for capture in self.captures}))

    def returned_of(self, amount: int) -> tuple[int, ...]:
        """The returned totals of one payment that a gateway may report."""
        return tuple(sorted({0, PART, amount})) if self.returns else (0,)


@contextmanager
def small_bounds(configuration: Configuration) -> Iterator[None]:
    """Make the product's bounds small enough to be reached, within the context, where the configuration asks for it."""
    if not configuration.bounds:
        yield
        return
    bounds = {"KEPT_ATTEMPTS": 1, "MOST_LIVE_LINKS": 1, "MOST_ATTEMPTS": configuration.attempts - 1}
    with ExitStack() as patched:
        for module, (name, bound) in product(
            (attempt_changes, import_module("paylatch.domain.transitions.lock"), release_payment), bounds.items()
        ):
            if hasattr(module, name):
                patched.enter_context(patch.object(module, name, bound))
        yield

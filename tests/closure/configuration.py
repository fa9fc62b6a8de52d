"""What a closure is taken over: how many attempts, contents and payments, and what else may happen."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product

from paylatch.domain.caller import Caller, Role
from paylatch.domain.payment import Capture

ORDER_ID = "D7KY3NPF3FM5GY6V"
ATTEMPTS = tuple(f"{ORDER_ID}_{suffix}" for suffix in ("0AAAAAAA", "0BBBBBBB", "0CCCCCCC"))
# No attempt of the order: money may be stated for it all the same.
UNMADE = f"{ORDER_ID}_0ZZZZZZZ"
PAYMENTS = ("pay-1", "pay-2", "pay-3")
GATEWAYS = ("sandbox", "elsewhere")
TOTALS = (2500, 3750, 5000)
SHORT = 100
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DEADLINE = NOW + timedelta(minutes=15)
LATER = NOW + timedelta(hours=1)
BUYER = Caller("buyer-1", frozenset({Role.BUYER}))
STRANGER = Caller("stranger", frozenset({Role.BUYER, Role.SELLER}))
# What each content costs is all that a head says of it.
CONTENTS = {total: f"content-{total}" for total in (*TOTALS, SHORT)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The bounds of one closure; the number of steps and of processes has none.

    `elsewhere`: a second gateway, and another currency. `refused`: also what must be refused at every head. `late`:
    a write planned from a read that carries no version may arrive at any later head, after its content was removed;
    heads are not reduced by symmetry then, and the order is edited at most twice.
    """

    name: str
    attempts: int
    contents: int
    payments: int
    elsewhere: bool = False
    refused: bool = False
    late: bool = False

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
        """Where an attempt may be made, and who may tell of its money."""
        return GATEWAYS if self.elsewhere else GATEWAYS[:1]

    @property
    def totals(self) -> tuple[int, ...]:
        """What the contents cost."""
        return TOTALS[: self.contents]

    @property
    def captures(self) -> tuple[Capture, ...]:
        """What a gateway may say that it captured: what a content costs, or another sum or currency."""
        amounts = self.totals if self.contents > 1 else (*self.totals, SHORT)
        sums = [(amount, "EUR") for amount in amounts] + ([(self.totals[0], "USD")] if self.elsewhere else [])
        return tuple(Capture(payment, *each) for payment, each in product(self.payment_ids, sums))

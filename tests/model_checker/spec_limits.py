"""The times and numbers that were agreed on, written down once more: the product's own may be wrong."""

from datetime import timedelta

# How far clocks here and at a gateway may differ.
GRACE = timedelta(seconds=60)
# How long a gateway that does not answer is left alone: at first, and at most; it doubles in between.
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
# After so long a refund that is owed is shown to a person.
OVERDUE = timedelta(hours=1)
# How often the sweep runs.
PERIOD = timedelta(seconds=60)
# How often a process whose write is refused tries again before it gives up.
TRIES = 8
# How long a payment request of the explorer locks the order, and how long a link of its gateways may live.
EXPIRES_IN = timedelta(minutes=15)
LONGEST_LINK = timedelta(minutes=30)
# How many ended attempts, and live links, an order's head keeps, and how many attempts it may have at all.
KEPT_ATTEMPTS = 10
MOST_LIVE_LINKS = 10
MOST_ATTEMPTS = 100
# How long an attempt may be opening.
OPENING_LASTS = timedelta(minutes=2)
# How old a gateway's word that it took money may be where it is not asked.
STATEMENT_LASTS = timedelta(minutes=15)


def spec_wait(tries: int) -> timedelta:
    """How long to leave a gateway alone that was silent so often before."""
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << tries))

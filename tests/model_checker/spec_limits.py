"""The specified times and numbers, repeated here: the product's own may be wrong."""

from datetime import datetime, timedelta

# How far clocks here and at a gateway may differ.
GRACE = timedelta(seconds=60)
# The wait before a silent gateway is queried again: the first, and the longest; it doubles in between.
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
# How long a payment may be under way before a person is shown it.
LONGEST_PROCESSING = timedelta(days=14)
# After this time an owed refund is listed for attention.
OVERDUE = timedelta(hours=1)
# How often the sweep runs.
PERIOD = timedelta(seconds=60)
# How often a process tries a refused write before it answers "contended".
TRIES = 8
# The lock duration of the model checker's payment requests, and the longest life of its gateways' links.
EXPIRES_IN = timedelta(minutes=15)
LONGEST_LINK = timedelta(minutes=30)
# How many ended attempts, and live links, an order's head keeps, and how many attempts it may have at all.
KEPT_ATTEMPTS = 10
MOST_LIVE_LINKS = 10
MOST_ATTEMPTS = 100
# How many refunds of one order the shop may request.
MOST_REQUESTED_REFUNDS = 20
# How long an attempt may stay `opening`.
OPENING_LASTS = timedelta(minutes=2)
# The oldest statement of a capture that settles without a query.
STATEMENT_LASTS = timedelta(minutes=15)


def spec_wait(tries: int) -> timedelta:
    """The wait for a gateway after that many silent calls."""
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << tries))


def spec_look(since: datetime, now: datetime) -> datetime:
    """The next look, after now, at a payment that is under way since then."""
    return next(since + look for look in _LOOKS if since + look > now)


# So long after a payment was found under way, for a month.
_LOOKS = [timedelta(hours=hours) for hours in (1, 3, 7, 15, *range(27, 720, 12))]

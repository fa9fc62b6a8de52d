"""When to ask a gateway again."""

from datetime import timedelta

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
# How far clocks here and at a gateway may differ: a link is taken for dead only this long after its end.
GRACE = timedelta(seconds=60)
# When a refund that the gateway has not confirmed becomes a person's business.
OVERDUE = timedelta(hours=1)
# How long an attempt may be opening: after that it is closed like any other, whoever began it.
OPENING_LASTS = timedelta(minutes=2)
# How old a gateway's statement that it captured money may be to settle an order unconfirmed.
STATEMENT_LASTS = timedelta(minutes=15)
# How often a write is planned anew while others keep changing the order.
TRIES = 8


def wait_after(tries: int) -> timedelta:
    """Half a minute, then twice as long each time, up to a quarter of an hour."""
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(tries, 10)))

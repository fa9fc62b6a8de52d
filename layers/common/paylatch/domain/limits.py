"""Limits of amounts and answers, and time limits and retry intervals for gateways and writes."""

from datetime import datetime, timedelta

# The limit for every currency: in Indonesian rupiah, whose minor unit is a hundredth, 10**15 are some 500 million euro.
# JSON's exact integers reach 2**53, which is 9 times as much.
LARGEST_TOTAL = 10**15
# The most faults of one request that its answer names.
MOST_FAULTS = 20
# The most orders, and the most findings, that one call shows an operator.
MOST_LISTED = 100
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
# The largest assumed clock difference to a gateway: a link counts as dead this long after its end.
GRACE = timedelta(seconds=60)
# The age from which an unconfirmed refund is shown to operators.
OVERDUE = timedelta(hours=1)
# The longest time that an attempt may be opening; it is then closed like any other.
OPENING_LASTS = timedelta(minutes=2)
# The largest age of a gateway's statement that settles an order without confirmation.
STATEMENT_LASTS = timedelta(minutes=15)
# A sweep sends timers for what is due within this time, longer than the minute between two sweeps; and handles itself
# what is overdue by more than that.
LOOK_AHEAD = timedelta(seconds=75)
# A timer of an overdue order is postponed for at most this long: a sweep each minute sends another one.
LONGEST_POSTPONEMENT = timedelta(seconds=60)
# A sweep sends timers for this long, then handles what is left to it; in the remaining time it sends further ones.
SENDING_LASTS = timedelta(seconds=15)
# What is due sooner than this after the write that made it due might fall between two sweeps, so that its write sends
# the timer.
DUE_SOON = timedelta(seconds=90)
# When a payment that is under way is looked at first; the intervals double from there to the longest one.
FIRST_LOOK = timedelta(hours=1)
LONGEST_LOOK = timedelta(hours=12)
# The longest interval between two queries about the payment link of a past attempt. This long after the end of its lock
# every session has ended and every bank has decided, so that a missing answer counts as the link's end.
LONGEST_LINK_WAIT = timedelta(days=1)
LINK_GIVEN_UP = timedelta(days=30)
# How long a lock lasts where neither stack nor payment request sets it, and the shortest and longest of all.
DEFAULT_LOCK = timedelta(minutes=15)
SHORTEST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(days=1)
# The furthest `pay_by` of an order, from the time at which it is set.
LONGEST_PAY_BY = timedelta(days=366)
# For this long buyers and sellers get the last answer about a payment, before its gateway is asked again for them.
QUESTION_LASTS = timedelta(seconds=5)
# How often a write is planned anew while concurrent writers change the order.
TRIES = 8


def wait_after(tries: int) -> timedelta:
    """The interval before the next try: 30 s, doubled with each try, at most 15 minutes."""
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(tries, 10)))


def next_look(since: datetime, now: datetime) -> datetime:
    """The next time, after now, at which a payment under way since then is looked at.

    1 h after `since`, then at intervals that double to 12 h. The times depend on `since` alone: a look in between does
    not postpone the next one.
    """
    wait, at = FIRST_LOOK, since + FIRST_LOOK
    while at <= now:
        wait = min(2 * wait, LONGEST_LOOK)
        at += wait
    return at


def next_link_check(deadline: datetime, now: datetime) -> datetime:
    """The next question about a payment link whose lock ended at `deadline` and which may still be live.

    After as long as has passed since then, at least 1 min and at most 15 min; from 1 h on after a quarter of that time,
    at most a day.
    """
    passed = now - deadline
    longest = min(max(LONGEST_WAIT, passed / 4), LONGEST_LINK_WAIT)
    return now + min(max(passed, GRACE), longest)

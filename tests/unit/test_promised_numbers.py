"""Every number that a page promises is tied to the code's own."""

import re
from datetime import timedelta
from math import ceil
from typing import Any

import pytest
from pay_page.order_view import JUST_PAID_LASTS
from sandbox.outbox import FIRST_PAUSE, LONGEST_PAUSE, MOST_TRIES
from sandbox.paying import A_DEBIT_TAKES
from sandbox.requests import LONGEST_STATEMENT

from bench.init import CALLERS_BUDGET, MACHINES_BUDGET
from paylatch.domain import attention
from paylatch.domain.edit_changes import LARGEST_CHANGES
from paylatch.domain.ids import ATTEMPT_SUFFIX_LENGTH, STACK_CODE_LENGTH
from paylatch.domain.limits import (
    DUE_SOON,
    FIRST_LOOK,
    GRACE,
    LINK_GIVEN_UP,
    LONGEST_LOOK,
    LONGEST_PAY_BY,
    LONGEST_POSTPONEMENT,
    LONGEST_WAIT,
    LOOK_AHEAD,
    MOST_FAULTS,
    MOST_LISTED,
    OPENING_LASTS,
    OVERDUE,
    QUESTION_LASTS,
    SENDING_LASTS,
    STATEMENT_LASTS,
    TRIES,
    wait_after,
)
from paylatch.domain.refund_request import LONGEST_REFUND_REASON, MOST_REQUESTED_REFUNDS
from paylatch.domain.retention import SHORTEST_KEEP
from paylatch.domain.transitions.attempt_changes import KEPT_ATTEMPTS, MOST_ATTEMPTS
from paylatch.domain.webhooks import WAITS as WEBHOOK_WAITS
from paylatch.gateways import signatures
from paylatch.gateways.alipay import notifications
from paylatch.gateways.alipay.gateway import AlipayGateway
from paylatch.gateways.pacing import LONGEST_WAIT_SECONDS
from paylatch.gateways.payu.gateway import PayUGateway
from paylatch.gateways.sandbox.gateway import SandboxGateway
from paylatch.gateways.stripe import checkout
from paylatch.gateways.stripe.gateway import StripeGateway
from paylatch.runtime import gateway_secrets, redaction
from paylatch.runtime.problems import RETRY_LATE_SECONDS, RETRY_SOON_SECONDS
from paylatch.runtime.request_fields import LONGEST_CODE, LONGEST_EMAIL
from paylatch.runtime.request_models import LONGEST_NAME
from paylatch.runtime.requests import LARGEST_BODY
from paylatch.runtime.time_budget import SLOWEST_ORDER_SECONDS
from paylatch.runtime.wiring import BREAKER_LASTS
from paylatch.store import findings
from paylatch.use_cases import (
    act_on_group,
    group_attention,
    reconcile,
    send_timers,
)
from paylatch.use_cases.circuit_breaker import MOST_FAILURES
from paylatch.webhooks.sender import READ_TIMEOUT_SECONDS as RECEIVER_ANSWERS
from tests.clients.losing_api import LONGEST_SECONDS
from tests.orders_table import ROOT, template
from tests.unit.quantities import Quantity, blocks, quantities

ALARMS = {
    name: resource["Properties"] for name, resource in template()["Resources"].items() if "Alarm" in resource["Type"]
}
SWEEP = template()["Resources"]["TimeoutSweepsFunction"]["Properties"]
SHIFT = template()["Resources"]["OrdersFunction"]["Properties"]["DeploymentPreference"]["Type"]
CANARY_LASTS = timedelta(minutes=int(SHIFT.removeprefix("Canary10Percent").removesuffix("Minutes")))
STREAM = template()["Resources"]["OrderEventsSource"]["Properties"]
QUEUE = template()["Resources"]["TimerQueue"]["Properties"]
SOURCE = template()["Resources"]["TimersSource"]["Properties"]
NIGHTLY = template()["Resources"]["ReconciliationFunction"]["Properties"]["Events"]["EachNight"]["Properties"]
BETWEEN_RECONCILIATIONS = timedelta(minutes=int(re.findall(r"cron\(0/(\d+) ", NIGHTLY["Schedule"])[0]))
PASSWORDS = template()["Resources"]["UserPool"]["Properties"]["Policies"]["PasswordPolicy"]
DESK_CLIENT = template()["Resources"]["DeskClient"]["Properties"]
ACCESS_LASTS = timedelta(minutes=DESK_CLIENT["AccessTokenValidity"])
A_DAY = timedelta(days=1)
# Numbers of others.
STREAM_RETENTION = A_DAY
STRIPE_REPEATS, ALIPAY_REPEATS = timedelta(days=3), timedelta(hours=25)
STRIPE_S_KEYS, STRIPE_S_LEAST = A_DAY, timedelta(minutes=30)
STRIPE_S_EVENTS = timedelta(days=30)
DELETED_SECRET_KEPT = timedelta(days=30)

WEBHOOKS_LAST = timedelta(days=sum(WEBHOOK_WAITS, timedelta(0)) // timedelta(days=1))
DEAD_WEBHOOKS = template()["Resources"]["WebhookDeadLetters"]["Properties"]


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def period(alarm: str) -> timedelta:
    return seconds(ALARMS[alarm]["Period"])


def period_of_share(alarm: str) -> timedelta:
    """Of an alarm on a share of one metric in another."""
    return seconds(ALARMS[alarm]["Metrics"][0]["MetricStat"]["Period"])


def threshold(alarm: str) -> timedelta:
    return seconds(ALARMS[alarm]["Threshold"])


def some_of(alarm: str) -> set[Quantity]:
    """As in "three of five minutes"."""
    periods = ALARMS[alarm]["EvaluationPeriods"]
    return {f"{ALARMS[alarm]['DatapointsToAlarm']} of {periods}", periods * period(alarm)}


def longest(adapter: Any) -> timedelta:
    span: timedelta = adapter.capabilities.longest_session
    return span


LARGEST_CALLBACK_MB = re.findall(
    r"LARGEST_CALLBACK = (\d+) \* 1024 \* 1024", (ROOT / "functions/gateway_callbacks/app.py").read_text()
)[0]
OPENAPI_LASTS = seconds(int(re.findall(r"public, max-age=(\d+)", (ROOT / "functions/orders/app.py").read_text())[0]))
PAGE_SCRIPT = (ROOT / "functions" / "pay_page" / "pay_page" / "assets" / "page.js").read_text()
QUICK, SLOW, QUICK_PAUSE, SLOW_PAUSE, LEAST_PAUSE = (
    int(re.findall(pattern, PAGE_SCRIPT)[0])
    for pattern in (r"QUICK = (\d+)", r"SLOW = (\d+)", r"\? (\d+) :", r"\? \d+ : (\d+);", r"LEAST_PAUSE = (\d+);")
)
DESK = ROOT / "web" / "src"
ENOUGH_ORDERS = re.findall(r"ENOUGH = (\d+);", (DESK / "views" / "list_query.ts").read_text())[0]
READ_EVERY = {
    seconds(int(re.findall(pattern, (DESK / name).read_text())[0]))
    for name, pattern in (("live.ts", r"SECONDS = .*every: (\d+)"), ("views/order_list.ts", r"SEARCHING.*every: (\d+)"))
}
REPEATING = (DESK / "repeating.ts").read_text()
DESK_WAITS = [int(wait) for wait in re.findall(r"WAITS = \[(.+)\];", REPEATING)[0].split(", ")]
LONGEST_DESK_WAIT = int(re.findall(r"LONGEST_WAIT = (\d+);", REPEATING)[0])
WAITS = {wait_after(tries) for tries in range(20)}
ANY_GATEWAY = {longest(adapter) for adapter in (SandboxGateway, StripeGateway, AlipayGateway, PayUGateway)}
PAUSES = [min(LONGEST_PAUSE, FIRST_PAUSE * 2**tries) for tries in range(MOST_TRIES)]
# What stands in the place, a row, an entry or a paragraph of any page; and what the numbers there may say.
PROMISES: dict[str, set[Quantity]] = {
    r"\*\*I3\*\*": {STATEMENT_LASTS},
    r"\*\*I9\*\*": {f"{MOST_ATTEMPTS} attempt"},
    "Refunds a paid order": {f"{MOST_REQUESTED_REFUNDS} refund", f"{LONGEST_REFUND_REASON} character"},
    "that a shop can request of an order": {f"{MOST_REQUESTED_REFUNDS} refund", f"{LONGEST_REFUND_REASON} character"},
    r"`too-many-refunds` \|": {f"{MOST_REQUESTED_REFUNDS} refund"},
    r"\| `lock` \|": {f"{MOST_ATTEMPTS} attempt"},
    r"\| `too_many_attempts`": {f"{MOST_ATTEMPTS} attempt"},
    r"\| `LinkExpired`": {LINK_GIVEN_UP},
    "is then planned again": {f"{TRIES} time"},
    r"not asked; said at most": {STATEMENT_LASTS},
    r"\| grace \|": {GRACE},
    r"\| `just_paid` \|": {JUST_PAID_LASTS},
    "the script requests its state": {
        f"{QUICK} time",
        *(seconds(span) for span in (QUICK * QUICK_PAUSE, SLOW_PAUSE, SLOW * SLOW_PAUSE, LEAST_PAUSE)),
    },
    r"\| `releasing` \| a timer": {*WAITS},
    "is asked at most once in": {QUESTION_LASTS},
    "intervals that double up to": {FIRST_LOOK, LONGEST_LOOK},
    r"\| a payment may be under way \|": {
        adapter.capabilities.longest_processing for adapter in (SandboxGateway, StripeGateway, PayUGateway)
    },
    "a payment that takes three days": {A_DEBIT_TAKES},
    "lists releases|releases that (the gateway has not confirmed|no gateway confirms)": {
        OVERDUE,
        f"{MOST_LISTED} order",
    },
    "An overview for outages": {f"{group_attention.MOST_GROUPED} order"},
    r"\| `(refund_overdue|payment_unconfirmed)` \|": {OVERDUE},
    "group what .`recheck`|Each call acts on": {
        f"{attention.MOST_ACTED_ON} order",
        f"{act_on_group.MOST_UNANSWERED} order",
    },
    "While the gateway is down, wait": {LONGEST_WAIT},
    r"\| `ApiFailing`": {f"{ALARMS['ApiFailing']['Threshold']} answer", period("ApiFailing")},
    "`ApiFailing` counts those": {period("ApiFailing")},
    "`cause` is cut at": {f"{redaction.LONGEST} character"},
    r"\| `SweepsStopped`": {period("SweepsStopped")},
    r"\| `LocksOverdue`": {threshold("LocksOverdue")},
    r"\| `TimersLate`": {3 * period("TimersLate"), threshold("TimersLate")},
    r"\| `TimersDead`": {f"{QUEUE['RedrivePolicy']['maxReceiveCount']} time"},
    r"\| `TimersMissing`": some_of("TimersMissing") | {seconds(60), seconds(120)},
    r"\| `DueEventsLate`": {threshold("DueEventsLate") / 1000},
    r"\| `TimerWidth`": {f"{SOURCE['BatchSize']} order"},
    "looks 75 seconds ahead": {LOOK_AHEAD, LOOK_AHEAD - seconds(60), DUE_SOON, f"{SOURCE['BatchSize']} message"},
    "`GatewayRates` limits": {seconds(LONGEST_WAIT_SECONDS), LONGEST_POSTPONEMENT},
    "The share of an invocation": {BREAKER_LASTS, seconds(1), f"{MOST_FAILURES} time"},
    "sends timers first": {SENDING_LASTS},
    "is enough for a fallback": {f"{SOURCE['BatchSize']} order"},
    "A message is a hint": {
        LOOK_AHEAD,
        f"{send_timers.SHORT_QUEUE} message",
        f"{QUEUE['RedrivePolicy']['maxReceiveCount']} time",
    },
    "`pay_by`: a time with an offset": {LONGEST_PAY_BY},
    # Overdue for longer than the look-ahead, and then found by the next minute's run.
    "whose message is lost": {timedelta(minutes=ceil((LOOK_AHEAD + seconds(60)) / timedelta(minutes=1)))},
    r"\| `ReconciliationFailing`": {BETWEEN_RECONCILIATIONS},
    r"\| `ReconciliationLate`": {A_DAY},
    "the function `reconciliation` lists what": {(reconcile.DAYS_BACK - 1) * A_DAY},
    "an hour ago. A second run for the same date": {
        reconcile.UNDER_WAY,
        f"{MOST_LISTED} finding",
    },
    r"\| `stripe` \| charges": {STRIPE_S_EVENTS},
    "expire by `ttl` after 90": {findings.KEPT},
    "differences between gateways' statements": {f"{MOST_LISTED} finding"},
    "with the progress of each of": {f"{MOST_LISTED} finding"},
    "unless the call has `again: true`": {reconcile.UNDER_WAY},
    "payment with an open finding": {f"{reconcile.MOST_OPEN} finding"},
    "lists captures, `refunds`": {LONGEST_STATEMENT},
    r"\| `AttentionTooLong`": {threshold("AttentionTooLong"), OVERDUE + threshold("AttentionTooLong")},
    r"\| `RefundOwedTooLong`": {threshold("RefundOwedTooLong")},
    r"\| `GatewayRefusesUs`": {gateway_secrets.REFRESHED_WITHIN},
    "a tenth of the HTTP requests": {CANARY_LASTS},
    r"\| `CallbacksRejected`": {period_of_share("CallbacksRejected")},
    r"\| `CallbacksMissing`": {period_of_share("CallbacksMissing")},
    "kept in memory for five minutes": {gateway_secrets.LONGEST_KEPT, gateway_secrets.REFRESHED_WITHIN},
    r"^2\. Wait|^3\. Wait .* withdraw the first|^5\. .*verifies nothing": {gateway_secrets.LONGEST_KEPT},
    "between withdrawal and storage": {gateway_secrets.REFRESHED_WITHIN},
    "with five minutes between the steps": {gateway_secrets.LONGEST_KEPT},
    "keeps a deleted secret's name": {DELETED_SECRET_KEPT},
    "questions about one order at a gateway": {QUESTION_LASTS},
    r"\| `SweepsFailing`": some_of("SweepsFailing"),
    r"\| `ReadsFailing`": some_of("ReadsFailing"),
    r"\| `EventsUnreadable`": {STREAM_RETENTION},
    r"\| `OrderEventsDead`, `OrderEventsLate`": {STREAM_RETENTION},
    "of its [0-9]+ (s|seconds) are left": {
        seconds(SLOWEST_ORDER_SECONDS),
        seconds(SWEEP["Timeout"]),
        seconds(int(SWEEP["Timeout"] - SLOWEST_ORDER_SECONDS)),
        # The example's own.
        seconds(0.4),
        f"{MOST_FAILURES} time",
    },
    "`make bench-init`": {f"{budget:g} time" for budget in (MACHINES_BUDGET, CALLERS_BUDGET)},
    "log line `EventUnreadable` has": {STREAM_RETENTION},
    "is tried for": {STREAM_RETENTION, seconds(STREAM["MaximumRecordAgeInSeconds"])},
    "of the change": {seconds(STREAM["MaximumRecordAgeInSeconds"])},
    "given up can still be read": {STREAM_RETENTION},
    r"\| opened twice": {STRIPE_S_KEYS},
    r"\| ends \|": {checkout.BACKSTOP},
    r"\| longest lock": {*ANY_GATEWAY},
    r"\| callbacks dated": {signatures.TOLERANCE, notifications.OLDEST},
    "Stripe requires an expiry": {STRIPE_S_LEAST, checkout.BACKSTOP},
    "A session without a known id": {GRACE},
    "callbacks have run out": {STRIPE_REPEATS, ALIPAY_REPEATS},
    r"\| callbacks repeated \|": {
        f"{MOST_TRIES} time",
        LONGEST_PAUSE,
        STRIPE_REPEATS,
        ALIPAY_REPEATS,
        # Of the providers: Alipay's tries, PayU's tries and time.
        "8 time",
        "20 time",
        timedelta(hours=72),
    },
    "Every payment names its stack": {f"{STACK_CODE_LENGTH} character"},
    "A `<suffix>` is the part": {f"{ATTEMPT_SUFFIX_LENGTH} character", f"{KEPT_ATTEMPTS} past attempt"},
    "stays below four kilobytes": {f"{KEPT_ATTEMPTS + 1} attempt", f"{LONGEST_CODE} character"},
    "`email`: the payer's address": {f"{LONGEST_EMAIL} character"},
    "would take more than": {f"{LARGEST_CHANGES // 1024} KB"},
    "The list ends": {f"{MOST_LISTED} order"},
    r"`?Retry-After`?\*\* \(seconds\)|after `Retry-After` seconds": {
        seconds(RETRY_LATE_SECONDS),
        seconds(RETRY_SOON_SECONDS),
    },
    "Receive every .event": {WEBHOOKS_LAST},
    "as soon as the event is stored": {seconds(RECEIVER_ANSWERS)},
    "Two keys sign while": {gateway_secrets.LONGEST_KEPT},
    "give the receiver the new key|old key signs nothing any more": {gateway_secrets.LONGEST_KEPT},
    "A webhook that failed is tried again": {
        *WEBHOOK_WAITS,
        f"{WEBHOOK_WAITS.count(WEBHOOK_WAITS[-1])} time",
        WEBHOOKS_LAST,
    },
    "After the last try the message": {seconds(DEAD_WEBHOOKS["MessageRetentionPeriod"])},
    r"\| the table's stream \|": {STREAM_RETENTION},
    r"\| (dead letters of `order_events`|the queue of webhooks)": {seconds(DEAD_WEBHOOKS["MessageRetentionPeriod"])},
    # It goes back as far as DynamoDB allows.
    r"\| point-in-time recovery, backups": {timedelta(days=35)},
    r"\| `WebhooksFailing`": {period("WebhooksFailing"), WEBHOOKS_LAST},
    r"\| `WebhooksDead`": {WEBHOOKS_LAST},
    "in UTF-8": {f"{LARGEST_BODY // 1024} KB"},
    r"\| `body-too-large` \|": {f"{LARGEST_BODY // 1024} KB", f"{LARGEST_CALLBACK_MB} MB"},
    "`/openapi.json`, which may be": {OPENAPI_LASTS},
    "faults.*`more_errors`": {f"{MOST_FAULTS} fault", f"{LONGEST_NAME} character"},
    r"\| `gateway-unavailable` \|": {OPENING_LASTS},
    "until (a|the response is) 2xx": {
        *PAUSES,
        f"{MOST_TRIES} time",
        timedelta(days=round(sum(PAUSES, seconds(0)) / A_DAY)),
    },
    "Access tokens last for|Sellers and operators sign in|The answer has `access_token`|a stolen access token": {
        ACCESS_LASTS,
        timedelta(hours=DESK_CLIENT["RefreshTokenValidity"]),
    },
    "The API filters by status within": {f"{ENOUGH_ORDERS} order", *READ_EVERY},
    r"\| `too_many_attempts` \|": {f"{MOST_ATTEMPTS} attempt"},
    r"\| `LinkExpired` \|": {LINK_GIVEN_UP},
    r"\| `unknown_order` \|": {SHORTEST_KEEP},
    "The order is read again every": {*READ_EVERY},
    r"\| Refund \| `refund`": {f"{MOST_REQUESTED_REFUNDS} refund"},
    "No client has a timeout": {seconds(LONGEST_SECONDS)},
    "no connection, no answer": {seconds(LONGEST_DESK_WAIT), seconds(DESK_WAITS[-1])},
    "Refunds that are due and reported payments": {OVERDUE},
    "password.*(capital|upper-case)|(capital|upper-case).*password": {f"{PASSWORDS['MinimumLength']} character"},
}
# No promises: numbers of AWS, of examples, or of the prose.
OTHERS: set[Quantity] = {"840 MB", "130 MB", "10 MB", "40 character", timedelta(days=35), timedelta(days=540)}
# Printed from what was measured, by tests of their own.
MEASURED = {
    *("claim.md", "performance.md", "scale.md", "drills.md"),
    *("correctness.md", "emulators.md", "lost-responses.md", "dependencies.md"),
}
PAGES = [path for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")] if path.name not in MEASURED]
PLACES = [block for page in sorted(PAGES) for block in blocks(page.read_text())]


def places(pattern: str) -> list[str]:
    return [place for place in PLACES if re.search(pattern, place)]


@pytest.mark.parametrize("pattern", PROMISES)
def test_a_promised_number_is_kept(pattern: str) -> None:
    named = {quantity for place in places(pattern) for quantity in quantities(place)}

    assert named, "no page has a number in such a place any more: follow it here"
    assert named <= PROMISES[pattern]


def test_every_number_of_the_pages_is_tied_to_the_code() -> None:
    followed = {place for pattern in PROMISES for place in places(pattern)}
    alone = {quantity: place for place in PLACES if place not in followed for quantity in quantities(place)}

    assert set(alone) <= OTHERS, "tie it to a constant in PROMISES, or name it in OTHERS"


def test_numbers_are_read_in_words_and_figures() -> None:
    text = "five minutes, a day, 23 h 28 min, half of 100 payment attempts, a quarter of an hour, 64 KB, 3 of 5 minutes"

    assert set(quantities(text)) == {
        timedelta(minutes=5),
        timedelta(days=1),
        timedelta(hours=23, minutes=28),
        "100 attempt",
        timedelta(minutes=15),
        "64 KB",
        "3 of 5",
    }

"""Why an order needs a person: its concerns, each about one gateway and one cause."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum

from paylatch.domain.cursors import decoded, encoded
from paylatch.domain.errors import InvalidRequest
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ids import GATEWAY_NAME_PATTERN, ORDER_ID_PATTERN, fingerprint_of
from paylatch.domain.ledger import open_disputes
from paylatch.domain.limits import OVERDUE
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Refund, RefundStatus
from paylatch.domain.timestamps import as_text, from_text

# The most orders that one call acts on, and the most of a group that are named.
MOST_ACTED_ON = 25
MOST_EXAMPLES = 5
_POSITION = rf"(\d{{1,3}}) (\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z) ({ORDER_ID_PATTERN}) \w+"


class Cause(StrEnum):
    """What a person is shown an order for. The first two can end by an operator's release."""

    RELEASE_UNCONFIRMED = "release_unconfirmed"
    PROCESSING_TOO_LONG = "processing_too_long"
    REVIEW = "review"
    REFUND_OVERDUE = "refund_overdue"
    REFUND_REFUSED = "refund_refused"
    PAYMENT_UNCONFIRMED = "payment_unconfirmed"
    PAYMENT_DISPUTED = "payment_disputed"


@dataclass(frozen=True, slots=True)
class Group:
    """The orders that need a person because of one gateway, for one cause."""

    gateway: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class Concern:
    """One reason why an order needs a person: an attempt of it, since when, and how much money it is about."""

    group: Group
    attempt_id: str
    since: datetime
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class GroupPosition:
    """An entry's place in the index of orders that need a person; entries of one shard are in order of their time."""

    shard: int
    at: datetime
    order_id: str


# Before every entry.
START = GroupPosition(0, datetime(1970, 1, 1, tzinfo=UTC), "0" * 16)


def concerns_of(order: Order, now: datetime) -> tuple[Concern, ...]:
    """All that a person must look at now; empty where the product acts by itself."""
    return (*_of_attempt(order, now), *_of_refunds(order, now), *_of_claims(order, now), *_of_disputes(order))


def concerns_in(order: Order, group: Group, now: datetime) -> tuple[Concern, ...]:
    """The order's concerns of one group."""
    return tuple(concern for concern in concerns_of(order, now) if concern.group == group)


def group_of(gateway: str, cause: str) -> Group:
    """The group of these names. Raises `InvalidRequest` with each name that no group can have."""
    faults = {} if re.fullmatch(GATEWAY_NAME_PATTERN, gateway) else {"gateway": "must be the name of a gateway"}
    faults |= {} if cause in {*Cause} else {"cause": f"must be one of {', '.join(Cause)}"}
    if faults:
        raise InvalidRequest(faults)
    return Group(gateway, Cause(cause))


def cursor_after(position: GroupPosition, group: Group) -> str:
    """The cursor of the call that goes on after that entry; it is valid for this group alone."""
    check = fingerprint_of("group", group.gateway, group.cause)
    return encoded(f"{position.shard} {as_text(position.at)} {position.order_id} {check}")


def position_after(cursor: str, group: Group) -> GroupPosition:
    """The entry that a cursor names. Raises `InvalidRequest` for a malformed one, or one of another group."""
    try:
        found = re.fullmatch(_POSITION, decoded(cursor), re.ASCII)
        position = GroupPosition(int(found[1]), from_text(found[2]), found[3]) if found else None
    except (ValueError, OverflowError):
        position = None
    # Only what `cursor_after` wrote for this group: base64 has several texts for the same bytes.
    if position is None or position.at < START.at or cursor_after(position, group) != cursor:
        raise InvalidRequest({"cursor": "must be the next_cursor of a call for this same group"})
    return position


def _of_attempt(order: Order, now: datetime) -> Iterator[Concern]:
    attempt = order.attempt
    if attempt is None:
        return
    if order.status is PaymentStatus.RELEASING:
        group = Group(attempt.gateway, Cause.RELEASE_UNCONFIRMED)
        yield Concern(group, attempt.attempt_id, attempt.since, attempt.amount, attempt.currency)
    if order.status is PaymentStatus.REVIEW:
        money = attempt.captured or attempt
        group = Group(attempt.gateway, Cause.REVIEW)
        yield Concern(group, attempt.attempt_id, attempt.since, money.amount, money.currency)
    until = order.processing_until
    if until is not None and until <= now:
        group = Group(attempt.gateway, Cause.PROCESSING_TOO_LONG)
        yield Concern(group, attempt.attempt_id, until, attempt.amount, attempt.currency)


def _of_refunds(order: Order, now: datetime) -> Iterator[Concern]:
    for refund in order.refunds.values():
        cause = _cause_of(refund, now)
        if cause is not None:
            group = Group(refund.gateway, cause)
            yield Concern(group, refund.attempt_id, refund.since, refund.amount, refund.currency)


def _cause_of(refund: Refund, now: datetime) -> Cause | None:
    if refund.status is RefundStatus.REFUSED:
        return Cause.REFUND_REFUSED
    overdue = refund.status is RefundStatus.DUE and refund.since + OVERDUE <= now
    return Cause.REFUND_OVERDUE if overdue else None


def _of_claims(order: Order, now: datetime) -> Iterator[Concern]:
    for payment in order.claimed_payments:
        if payment.since + OVERDUE <= now:
            group = Group(payment.gateway, Cause.PAYMENT_UNCONFIRMED)
            yield Concern(group, payment.attempt_id, payment.since, payment.amount, payment.currency)


def _of_disputes(order: Order) -> Iterator[Concern]:
    for dispute in open_disputes(order):
        payment = order.payments.get(dispute.payment_id)
        if payment is not None and dispute.since is not None:
            group = Group(payment.gateway, Cause.PAYMENT_DISPUTED)
            yield Concern(group, payment.attempt_id, dispute.since, dispute.amount, dispute.currency)

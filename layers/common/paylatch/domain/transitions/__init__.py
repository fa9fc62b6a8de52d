"""Transitions: a module for each has its row of the state table and the function that plans it."""

from paylatch.domain.transitions.accept_late import ACCEPT_LATE, accept_late
from paylatch.domain.transitions.await_release import AWAIT_RELEASE, await_release
from paylatch.domain.transitions.cancel_order import CANCEL_ORDER, cancel_order
from paylatch.domain.transitions.claim import CLAIM, claim
from paylatch.domain.transitions.create import CREATE, NewOrder, create
from paylatch.domain.transitions.delay_refund import DELAY_REFUND, delay_refund
from paylatch.domain.transitions.dispute_closed import DISPUTE_CLOSED, dispute_closed
from paylatch.domain.transitions.dispute_opened import DISPUTE_OPENED, dispute_opened
from paylatch.domain.transitions.edit import EDIT, edit
from paylatch.domain.transitions.end_links import END_LINKS, end_links
from paylatch.domain.transitions.erase import ERASE, erase
from paylatch.domain.transitions.expire_order import EXPIRE_ORDER, expire_order
from paylatch.domain.transitions.force_release import FORCE_RELEASE, force_release
from paylatch.domain.transitions.hand_over import HAND_OVER, hand_over
from paylatch.domain.transitions.issue_link import ISSUE_LINK, issue_link
from paylatch.domain.transitions.lock import LOCK, NewAttempt, lock
from paylatch.domain.transitions.mark_processing import MARK_PROCESSING, mark_processing
from paylatch.domain.transitions.money_returned import MONEY_RETURNED, money_returned
from paylatch.domain.transitions.owe_refund import OWE_REFUND, owe_refund
from paylatch.domain.transitions.quarantine import QUARANTINE, quarantine
from paylatch.domain.transitions.record_session import RECORD_SESSION, record_session
from paylatch.domain.transitions.refund_failed import REFUND_FAILED, refund_failed
from paylatch.domain.transitions.refund_manually import REFUND_MANUALLY, refund_manually
from paylatch.domain.transitions.refund_review import REFUND_REVIEW, refund_review
from paylatch.domain.transitions.refunded import REFUNDED, refunded
from paylatch.domain.transitions.refuse_refund import REFUSE_REFUND, refuse_refund
from paylatch.domain.transitions.release import RELEASE, release
from paylatch.domain.transitions.release_and_edit import RELEASE_AND_EDIT, NewContent, release_and_edit
from paylatch.domain.transitions.request_refund import REQUEST_REFUND, request_refund
from paylatch.domain.transitions.rule import EventType, Rule
from paylatch.domain.transitions.settle import SETTLE, settle
from paylatch.domain.transitions.settle_free import SETTLE_FREE, settle_free
from paylatch.domain.transitions.settle_manually import SETTLE_MANUALLY, settle_manually
from paylatch.domain.transitions.settle_review import SETTLE_REVIEW, settle_review
from paylatch.domain.transitions.transition import Transition, WriteContext
from paylatch.domain.transitions.watch_link import WATCH_LINK, watch_link
from paylatch.domain.transitions.write_off import WRITE_OFF, write_off

STATE_TABLE: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        CREATE,
        EDIT,
        LOCK,
        RECORD_SESSION,
        MARK_PROCESSING,
        SETTLE,
        SETTLE_MANUALLY,
        SETTLE_FREE,
        RELEASE,
        RELEASE_AND_EDIT,
        FORCE_RELEASE,
        AWAIT_RELEASE,
        ACCEPT_LATE,
        CLAIM,
        OWE_REFUND,
        REQUEST_REFUND,
        REFUND_MANUALLY,
        DELAY_REFUND,
        REFUNDED,
        REFUND_FAILED,
        REFUSE_REFUND,
        WRITE_OFF,
        MONEY_RETURNED,
        DISPUTE_OPENED,
        DISPUTE_CLOSED,
        END_LINKS,
        WATCH_LINK,
        QUARANTINE,
        SETTLE_REVIEW,
        REFUND_REVIEW,
        CANCEL_ORDER,
        EXPIRE_ORDER,
        HAND_OVER,
        ISSUE_LINK,
        ERASE,
    )
}

__all__ = [
    "STATE_TABLE",
    "EventType",
    "NewAttempt",
    "NewContent",
    "NewOrder",
    "Rule",
    "Transition",
    "WriteContext",
    "accept_late",
    "await_release",
    "cancel_order",
    "claim",
    "create",
    "delay_refund",
    "dispute_closed",
    "dispute_opened",
    "edit",
    "end_links",
    "erase",
    "expire_order",
    "force_release",
    "hand_over",
    "issue_link",
    "lock",
    "mark_processing",
    "money_returned",
    "owe_refund",
    "quarantine",
    "record_session",
    "refund_failed",
    "refund_manually",
    "refund_review",
    "refunded",
    "refuse_refund",
    "release",
    "release_and_edit",
    "request_refund",
    "settle",
    "settle_free",
    "settle_manually",
    "settle_review",
    "watch_link",
    "write_off",
]

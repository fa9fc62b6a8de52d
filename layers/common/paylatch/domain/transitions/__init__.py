"""Transitions: one builder for each row of the state table in `table.py`."""

from paylatch.domain.transitions.disputing import dispute_closed, dispute_opened
from paylatch.domain.transitions.late import accept_late, claim, money_returned, owe_refund
from paylatch.domain.transitions.lifecycle import NewOrder, cancel_order, create, edit, shard_of
from paylatch.domain.transitions.paying import NewAttempt, lock, quarantine, record_session, settle
from paylatch.domain.transitions.refunding import delay_refund, refund_failed, refunded, refuse_refund, write_off
from paylatch.domain.transitions.releasing import await_release, end_link, force_release, release, watch_link
from paylatch.domain.transitions.reviewing import refund_review, settle_review
from paylatch.domain.transitions.table import STATE_TABLE, EventType, Rule
from paylatch.domain.transitions.transition import Transition, WriteContext

__all__ = [
    "STATE_TABLE",
    "EventType",
    "NewAttempt",
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
    "end_link",
    "force_release",
    "lock",
    "money_returned",
    "owe_refund",
    "quarantine",
    "record_session",
    "refund_failed",
    "refund_review",
    "refunded",
    "refuse_refund",
    "release",
    "settle",
    "settle_review",
    "shard_of",
    "watch_link",
    "write_off",
]

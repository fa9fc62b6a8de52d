"""I8: the reason of a release is the one that it was begun for, whoever brings the gateway's confirmation."""

from datetime import timedelta

from paylatch.domain.instructions import Instruction
from paylatch.domain.order import Order
from paylatch.ports import Notice, NoticeKind
from tests.explorer.evidence import went_back
from tests.explorer.hindsight import last_order
from tests.explorer.hosted_gateway import NAME, Hosted
from tests.explorer.nodes import Node
from tests.explorer.people import BUYER, OPERATOR
from tests.explorer.promises import expect
from tests.explorer.suspended import NOON, Call

PROMISE = "I8 every change leaves one event"
_GATEWAY = f"gateway:{NAME}"
_EITHER = frozenset({Instruction.CANCELLED, Instruction.TIMED_OUT})


def check_reason(node: Node, order: Order) -> None:
    """Who goes on with a release does not change why it was begun; a buyer gives up, a gateway tells of an end."""
    event = order.last_event
    told = (event.detail or {}).get("reason")
    agreed = _agreed_reasons(node, event.actor)
    expect(told in agreed, PROMISE, f"{node.process.name} releases as {told}, not {' or '.join(sorted(agreed))}")


def _agreed_reasons(node: Node, actor: str) -> frozenset[Instruction]:
    known = _recorded(node)
    match actor:
        case BUYER.subject:
            return frozenset({known or Instruction.CANCELLED, Instruction.CANCELLED})
        case OPERATOR.subject if node.process.name == "recheck":
            return frozenset({known} if known else ())
        case "sweep":
            return frozenset({known or Instruction.TIMED_OUT})
        case _:
            return frozenset({known}) if known else _as_told(node, node.process.notice)


def _as_told(node: Node, notice: Notice | None) -> frozenset[Instruction]:
    """What a gateway's word alone says of the reason. Its no to an opening comes without a callback."""
    refused = notice is None and "lock" in node.process.writes and not went_back(node)
    if refused or (notice is not None and notice.kind is NoticeKind.DECLINED):
        return frozenset({Instruction.DECLINED})
    seen = last_order(node)
    if seen is None or seen.attempt is None or (notice is not None and notice.kind is NoticeKind.EXPIRED):
        return frozenset({Instruction.TIMED_OUT})
    closed = notice.stated_at if notice is not None and notice.kind is NoticeKind.CLOSED else None
    # Of money that went back before it paid for anything, nobody says when its payment was given up.
    at = closed or NOON + timedelta(seconds=node.moment + node.skew)
    return frozenset({Instruction.CANCELLED if at < seen.attempt.deadline else Instruction.TIMED_OUT})


def _recorded(node: Node) -> Instruction | None:
    """Why the release was begun that somebody recorded, as far as this process has seen."""
    seen = last_order(node)
    return seen.attempt.reason if seen and seen.attempt else None


def closes_for(node: Node, call: Call, seconds: int) -> tuple[str, frozenset[Instruction]] | None:
    """The attempt whose session this process closes, and the reasons for which it may be doing so."""
    order = last_order(node)
    attempt = order.attempt if order else None
    if call.method != "void" or attempt is None or call.args[0] != attempt.attempt_id:
        return None
    overdue = NOON + timedelta(seconds=seconds) >= attempt.deadline
    match node.process.name.partition("-")[0]:
        case "cancel":
            # Who gives up after the time is up finds it up as well.
            both = overdue and not attempt.reason
            return attempt.attempt_id, _EITHER if both else frozenset({attempt.reason or Instruction.CANCELLED})
        case "sweep":
            both = bool(node.skew) and not attempt.reason
            return attempt.attempt_id, _EITHER if both else frozenset({attempt.reason or Instruction.TIMED_OUT})
        case _:
            return None


def unlocks_for(node: Node, order: Order) -> tuple[str, str] | None:
    """The attempt that a gateway's word alone released, and the reason that was recorded for it."""
    event = order.last_event
    if event.actor != _GATEWAY or node.process.notice is None or _recorded(node):
        return None
    return event.attempt_id or "", str((event.detail or {}).get("reason"))


def check_confirmed(session: Hosted | None, reason: str) -> None:
    """What a process of ours closed is released for that process's reason, though the gateway's word came first."""
    if session is not None and session.closed_for:
        agreed = " or ".join(sorted(session.closed_for))
        expect(
            reason in session.closed_for, PROMISE, f"{session.attempt_id} was closed as {agreed}, released as {reason}"
        )

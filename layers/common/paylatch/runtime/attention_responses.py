"""What the API shows of groups of orders that need a person, and of what was done about one."""

from datetime import datetime
from math import ceil

from paylatch.domain.attention import MOST_EXAMPLES, Group, cursor_after
from paylatch.domain.timestamps import as_text
from paylatch.runtime import attention_types, response_types
from paylatch.runtime.problems import problem_of
from paylatch.runtime.reconciliation_responses import finding_groups, finding_response
from paylatch.runtime.response_models import head_response
from paylatch.use_cases.act_on_group import GroupProgress
from paylatch.use_cases.due_orders import Unread
from paylatch.use_cases.group_attention import GroupedAttention, GroupSummary
from paylatch.use_cases.list_findings import OpenFindings
from paylatch.use_cases.review_payment import Attention


def attention_response(found: Attention, open_findings: OpenFindings, now: datetime) -> response_types.Attention:
    """What operators must look at, and the names of what could not be read."""
    return {
        "orders": [head_response(order, now) for order in found.orders],
        "findings": [finding_response(finding) for finding in open_findings.findings],
        "unread": _unread(found.unread, open_findings),
    }


def groups_response(grouped: GroupedAttention, open_findings: OpenFindings) -> attention_types.AttentionGroups:
    """The groups, and the names of what could not be read."""
    return {
        "groups": [_group(group, summary) for group, summary in grouped.groups.items()],
        "findings": finding_groups(open_findings.findings),
        "complete": grouped.is_complete,
        "unread": _unread(grouped.unread, open_findings),
    }


def progress_response(progress: GroupProgress, group: Group) -> attention_types.GroupProgress:
    """What a call for the group did, and where the next one goes on."""
    position, seconds = progress.next_position, progress.retry_after
    return {
        "done": progress.done,
        "waiting": progress.waiting,
        "refused": [
            {"order_id": order_id, "code": problem_of(error).code} for order_id, error in progress.refused.items()
        ],
        "unread": progress.unread,
        "next_cursor": cursor_after(position, group) if position else None,
        "retry_after": max(1, ceil(seconds)) if seconds is not None else None,
    }


def _unread(unread: Unread, open_findings: OpenFindings) -> response_types.Unread:
    return {"orders": unread.orders, "sources": [*unread.sources, *unread.skipped, *open_findings.unread]}


def _group(group: Group, summary: GroupSummary) -> attention_types.AttentionGroup:
    return {
        "gateway": group.gateway,
        "cause": group.cause,
        "count": len(summary.order_ids),
        "oldest": as_text(summary.oldest),
        "sums": [{"currency": currency, "amount": amount} for currency, amount in sorted(summary.sums.items())],
        "order_ids": summary.order_ids[:MOST_EXAMPLES],
    }

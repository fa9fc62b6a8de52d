"""What the API shows of groups of orders that need a person, and of what was done about one."""

from math import ceil

from paylatch.domain.attention import MOST_EXAMPLES, Group, cursor_after
from paylatch.domain.timestamps import as_text
from paylatch.runtime import attention_types
from paylatch.runtime.problems import problem_of
from paylatch.use_cases.act_on_group import GroupProgress
from paylatch.use_cases.group_attention import GroupedAttention, GroupSummary


def groups_response(grouped: GroupedAttention) -> attention_types.AttentionGroups:
    """The groups, and the names of what could not be read."""
    unread = grouped.unread
    return {
        "groups": [_group(group, summary) for group, summary in grouped.groups.items()],
        "complete": grouped.is_complete,
        "unread": {"orders": unread.orders, "sources": unread.sources + unread.skipped},
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


def _group(group: Group, summary: GroupSummary) -> attention_types.AttentionGroup:
    return {
        "gateway": group.gateway,
        "cause": group.cause,
        "count": len(summary.order_ids),
        "oldest": as_text(summary.oldest),
        "sums": [{"currency": currency, "amount": amount} for currency, amount in sorted(summary.sums.items())],
        "order_ids": summary.order_ids[:MOST_EXAMPLES],
    }

"""The API's calls about groups of orders that need a person; see `operation.py`."""

from paylatch.domain import errors
from paylatch.runtime.operation import BODIES, BodySpec, Operation, ResponseSpec

GROUPED_ATTENTION = Operation(
    route="GET /operations/attention/groups",
    name="list_attention_groups",
    summary="List what operators must look at, by gateway and cause",
    description="An overview for outages: how many orders wait for the same thing, since when, for how much money.",
    tag="Operations",
    answers={200: ResponseSpec("The groups of at most 500 orders", "AttentionGroups", "ATTENTION_GROUPS")},
    problems={errors.StoreUnavailable, errors.StoreRefused, errors.NotAllowed},
)
RECHECK_GROUP = Operation(
    route="POST /operations/attention/groups/{gateway}/{cause}/recheck",
    name="recheck_group",
    summary="Ask a gateway again about the payments of a group",
    description=(
        "As `recheck` for each order, 25 at most, at the gateway's rate; each fails alone. With `next_cursor` the next "
        "call continues; a call ends after three orders in a row for which the gateway did not answer."
    ),
    tag="Operations",
    body=BodySpec("GroupRecheck", "GROUP_RECHECK", required=False),
    answers={200: ResponseSpec("What was done", "GroupProgress", "GROUP_PROGRESS")},
    problems=BODIES | {errors.NotAllowed, errors.StoreUnavailable, errors.StoreRefused},
)
RELEASE_GROUP = Operation(
    route="POST /operations/attention/groups/{gateway}/{cause}/release",
    name="release_group",
    summary="Unlock the orders of a group",
    description=(
        "As `release` for each order, 25 at most; each fails alone. With `next_cursor` the next call continues. "
        "Only `release_unconfirmed` and `processing_too_long` can be released."
    ),
    tag="Operations",
    body=BodySpec("GroupRelease", "GROUP_RELEASE"),
    answers={200: ResponseSpec("What was done", "GroupProgress", "GROUP_PROGRESS")},
    problems=BODIES | {errors.NotAllowed, errors.StoreUnavailable, errors.StoreRefused},
)

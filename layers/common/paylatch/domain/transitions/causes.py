"""What a gateway says of its refusal, as an event keeps it."""

# In the event's detail. It is not for buyers.
CAUSE = "cause"
# How much of a gateway's words an event keeps; the log has them all.
LONGEST_CAUSE = 200


def stored_cause(cause: str) -> str:
    """The gateway's words, cut to their first 200 characters."""
    # They may be no text at all: that may not keep the refusal from being recorded.
    return cause[:LONGEST_CAUSE].encode("utf-8", "replace").decode()

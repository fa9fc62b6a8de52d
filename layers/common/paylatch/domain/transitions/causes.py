"""A gateway's cause for its refusal, as an event keeps it."""

from paylatch.domain.email_addresses import without_email_addresses

# How much of a gateway's text an event keeps; the log has all of it.
LONGEST_CAUSE = 200
_LOOKED_THROUGH = 10 * LONGEST_CAUSE


def stored_cause(cause: str) -> str:
    """The gateway's text without e-mail addresses, cut to its first 200 characters."""
    # They may be no text at all: that may not keep the refusal from being recorded. They may name the payer.
    text = cause[:_LOOKED_THROUGH].encode("utf-8", "replace").decode()
    return without_email_addresses(text)[:LONGEST_CAUSE]

"""The error of a webhook."""

from paylatch.domain.errors import PaylatchError


class WebhookNotDelivered(PaylatchError):
    """The receiver did not acknowledge a webhook, or it could not be sent. It is sent again, with growing waits."""

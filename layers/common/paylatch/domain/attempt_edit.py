"""An edit for which a payment attempt was stopped, as the request for it and as the attempt keeps it."""

from paylatch.domain.frozen_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class StopRequest:
    """The attempt that a request stops for an edit, and the fingerprint of the request."""

    attempt_id: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class AttemptEdit:
    """The edit that an attempt was stopped for: the fingerprint of its request, and the order's revision after it.

    `from_revision` is the revision that it was made from, where that is not the one before `revision`: an edit that
    changed nothing made no revision.
    """

    fingerprint: str
    revision: int
    from_revision: int | None = None

    def is_of(self, fingerprint: str, revision: int) -> bool:
        """Whether a request with this fingerprint made it from this revision."""
        made_from = self.revision - 1 if self.from_revision is None else self.from_revision
        return (self.fingerprint, made_from) == (fingerprint, revision)

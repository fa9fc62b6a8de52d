"""What an edit changed is added to its event, from the contents before and after it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from paylatch.domain.edit_changes import changes_between
from paylatch.domain.errors import PaylatchError, StoreUnavailable
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.ports import ContentKey, Contents

ReadContents = Callable[[Sequence[ContentKey]], Contents]
# By order and `seq`.
EventKey = tuple[str, int]


class EditDescriptions:
    """The described events of the edits in a batch."""

    def __init__(self, read: ReadContents) -> None:
        self._read = read
        self._described: dict[EventKey, RecordedEvent] = {}

    def describe(self, edits: Sequence[RecordedEvent]) -> Mapping[str, PaylatchError]:
        """Describe the edits by one read of their contents; an edit whose content is gone stays without changes.

        Gives the error of each edit whose contents the database did not get to, by its order.
        """
        contents = self._read(list(dict.fromkeys(key for edit in edits for key in edit.edited_contents)))
        unprocessed = frozenset(contents.unprocessed)
        waiting = [edit for edit in edits if not unprocessed.isdisjoint(edit.edited_contents)]
        for edit in edits:
            if edit not in waiting:
                self._described[edit.order_id, edit.seq] = _described(edit, contents)
        return {edit.order_id: StoreUnavailable("the database did not read the edit's contents") for edit in waiting}

    def of(self, event: RecordedEvent) -> RecordedEvent:
        """The described event, or the same one where it is no edit."""
        return self._described.get((event.order_id, event.seq), event)


def _described(edit: RecordedEvent, contents: Contents) -> RecordedEvent:
    before, after = (contents.found.get(key) for key in edit.edited_contents)
    return edit if before is None or after is None else replace(edit, changes=changes_between(before, after))

"""I8: the history and the published events are those of the order's changes, without a gap, whichever process is
interrupted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from paylatch.domain.recorded_events import RecordedEvent
from paylatch.domain.timestamps import from_text
from paylatch.ports import HistoryPage
from tests.invariants import expect
from tests.model_checker.actors import CASH, DECISION_REASON, ORDER, PART_BACK
from tests.model_checker.streamed_store import Stream

_I8 = "I8 every change leaves one event"
REMARK = "remark"
_ERASED = "erased"
_TEXTS = frozenset({("note", CASH.note), (REMARK, DECISION_REASON), ("reason", PART_BACK.reason)})


def check_stream(stream: Stream) -> None:
    """The recorded events are a gapless prefix of the order's events, and each is published before its record is
    checkpointed.
    """
    if stream.records is None:
        return
    recorded = sorted(stream.history)
    expect(recorded == [*range(1, len(recorded) + 1)], _I8, f"the history has a gap: {recorded}")
    erased = "erased_at" in stream.records[-1] if stream.records else False
    for seq in recorded:
        _check_recorded(
            _as_recorded(stream.history[seq], stream.records[seq - 1], erased), seq, stream.records[seq - 1]
        )
        _check_changes(stream.history[seq], stream.records[max(seq - 2, 0)], stream.records[seq - 1])
    message = {*stream.published}
    expect(message <= {*recorded}, _I8, f"{sorted(message)} were published, and {recorded} are recorded")
    let_go = {*range(1, stream.done + 1)}
    expect(
        let_go <= message, _I8, f"{stream.done} records are not handed out again, and {sorted(message)} were published"
    )


def _as_recorded(event: RecordedEvent, head: Mapping[str, Any], erased: bool) -> RecordedEvent:
    """The event with its texts again, which an erasure replaced."""
    texts = {name: head["last_event"]["detail"][name] for name, text in event.detail.items() if text == _ERASED}
    return replace(event, detail={**event.detail, **texts}) if erased else event


def check_history_erased(stream: Stream) -> None:
    """Once the event of an erasure is published, no event before it has what people wrote."""
    erasures = [seq for seq in stream.published if stream.history[seq].type == "PersonalDataErased"]
    for seq in sorted(stream.history):
        written = _TEXTS & stream.history[seq].detail.items()
        late = not erasures or seq > max(erasures)
        expect(late or not written, "erased for good", f"event {seq} still says {written}")


def _check_recorded(event: RecordedEvent, seq: int, head: Mapping[str, Any]) -> None:
    last = head["last_event"]
    happened = (ORDER, seq, last["type"], from_text(last["at"]), last["actor"], last.get("attempt_id"))
    became = (head["version"], head["payment_status"], head["revision"], dict(last.get("detail", {})))
    said = (event.order_id, event.seq, event.type, event.at, event.actor, event.attempt_id)
    shown = (event.seq, event.payment_status, event.revision, dict(event.detail))
    expect((said, shown) == (happened, became), _I8, f"the history shows {event}, and it was {happened}, {became}")


def _check_changes(event: RecordedEvent, before: Mapping[str, Any], head: Mapping[str, Any]) -> None:
    """Only an edit has changes; where its contents are still there, its sums are those of the heads."""
    edited = head["revision"] > before["revision"]
    expect(edited or event.changes is None, _I8, f"{event} changed the revision {head['revision']}")
    if edited and event.changes is not None:
        same = before["total"] == head["total"]
        sums = None if same else {"from": before["total"], "to": head["total"]}
        expect(event.changes.get("total") == sums, _I8, f"{event} says {event.changes}, and the sums are {sums}")


def check_page(stream: Stream, asked: tuple[int, int], page: HistoryPage) -> None:
    """A page holds the events after a given one, up to its limit, and says whether more follow.

    `asked` holds its `after` and its `limit`.
    """
    after, limit = asked
    rest = [stream.history[seq] for seq in sorted(stream.history) if seq > after]
    more = len(rest) > limit
    wanted = HistoryPage(tuple(rest[:limit]), rest[limit - 1].seq if more else None)
    expect(page == wanted, _I8, f"a page after {after} shows {page}, and there is {wanted}")


def check_pages(pages: Iterable[HistoryPage], whose: str) -> None:
    """The pages that a reader gets are, joined, a gapless prefix of the history."""
    seqs = [event.seq for page in pages for event in page.events]
    expect(seqs == [*range(1, len(seqs) + 1)], _I8, f"{whose} was shown the events {seqs}")

"""Liveness: with the faults over, time passing and the sweep running, every order comes to rest and the books balance.

No callback arrives while it does: the sweep alone must do it. Then all callbacks arrive once more, and nothing moves.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from paylatch.domain.errors import PaylatchError
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import CapturedPayment, PaymentPlace, Refund, RefundStatus
from paylatch.ports import Ports, RefundState
from paylatch.use_cases.edit_order import edit_order
from paylatch.use_cases.request_payment import request_payment
from paylatch.use_cases.review_payment import Resolution, resolve_review
from paylatch.use_cases.sweep_timeouts import sweep_timeouts
from paylatch.use_cases.write_off_refund import write_off_refund
from tests.explorer import hosted_gateway as hosted
from tests.explorer import hosted_money
from tests.explorer.agreed_limits import EXPIRES_IN, GRACE, LONGEST_WAIT, MOST_LIVE_LINKS, PERIOD
from tests.explorer.databases import Database, frozen, ids_in, store_at
from tests.explorer.gatehouses import answered
from tests.explorer.history_promises import check_stream
from tests.explorer.hosted_gateway import Gatehouse, Hosted, Standing, Temper
from tests.explorer.people import BUYER, DECISION, OPERATOR, ORDER, SERVICE, dearer_tea, payment_request
from tests.explorer.processes import Process, callback_process
from tests.explorer.promises import Broken, expect
from tests.explorer.reading import consume, pages_for
from tests.explorer.standing import check_state
from tests.explorer.streamed_store import Stream, StreamedStore
from tests.explorer.suspended import NOON, Call, Raised, Script, scripted_ports

ROUNDS = 12
I4, I5, I6 = "I4 money is conserved", "I5 no lock outlives its purpose", "I6 only the holder's result counts"
_DECISIONS = {Resolution.SETTLE: PaymentStatus.PAID, Resolution.REFUND: PaymentStatus.PENDING_PAYMENT}
_SHOWN = frozenset({RefundStatus.REFUSED, RefundStatus.WRITTEN_OFF})
_PAYING = frozenset({PaymentStatus.IN_PAYMENT, PaymentStatus.RELEASING})


@dataclass(slots=True)
class Present(Script):
    """A script that writes itself: each call is made at once."""

    store: StreamedStore = field(default_factory=lambda: StreamedStore(Stream()))
    house: Gatehouse = field(default_factory=Gatehouse)
    temper: Temper = field(default_factory=lambda: Temper(name="honest"))

    def ask(self, method: str, *args: Any) -> object:
        call = Call(method, args)
        if method == "due":
            return ids_in(self.store.due(*args))
        if not call.of_gateway:
            return getattr(self.store, method)(*args)
        self.house, seen = answered(self.house, call, self.temper, self.now)
        if isinstance(seen, Raised):
            raise seen.make()
        return seen

    @property
    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.moment)

    def advance(self, until: datetime) -> None:
        """Time passes, here and at the gateway."""
        seconds = int((until - NOON).total_seconds())
        if seconds > self.moment:
            self.moment = seconds
            self.house = hosted_money.aged(self.house, self.now, self.temper)

    def copied_store(self) -> StreamedStore:
        """The store as it is now, on its own from now on."""
        store = StreamedStore(self.store.stream)
        store.heads, store.contents = dict(self.store.heads), dict(self.store.contents)
        return store

    @property
    def order(self) -> Order:
        order = self.store.read_head(ORDER)
        if order is None:
            raise Broken("I9 one order", "the order is gone")
        return order


def run_alone(world: Present, process: Process) -> object:
    """The whole of a process, with nobody else about and nothing going wrong."""
    world.process = f"{process.name}-{world.drawn}"
    return process.run(scripted_ports(world, world.temper, process.notice))


def present(database: Database, house: Gatehouse, seconds: int, temper: Temper) -> Present:
    """The world as it is in that state."""
    store = store_at(database)
    return Present("recovery", 0, [], moment=seconds, store=store, house=house, temper=temper)


def essence_of(database: Database) -> object:
    """What sweep and callbacks can depend on: they are alone then, and do not read content, nor who wrote last."""
    unread = ("last_event", "version", "content_id", "previous_content_id", "fingerprint", "created_at")
    known = {name: value for name, value in database.document.items() if name not in unread}
    last = database.document["last_event"]
    # That a refund failed is news only once.
    return frozen(known | ({"failed": last["detail"]} if last["type"] == "RefundFailed" else {}))


def check_rest(world: Present) -> None:
    """Let time pass and the sweep run until nothing is owed any more, and look at what came of it."""
    ports = scripted_ports(world, world.temper, None)
    _bank_decides(world)
    _come_to_rest(world, ports)
    _check_books(world, [session for session in world.house.sessions if _is_known(world.order, session)])
    before = _result(world)
    news = any(
        not _is_known(world.order, session) or _moved(world.order, session) or _made_unseen(world.order, session)
        for session in world.house.sessions
    )
    _repeat_callbacks(world)
    expect(news or before == _result(world), I6, f"repeated callbacks turned {before} into {_result(world)}")
    _come_to_rest(world, ports)
    _check_books(world, world.house.sessions)
    _check_told_books(world)
    check_given_up(world, ports)
    if world.order.status is PaymentStatus.PENDING_PAYMENT:
        check_given_back(world, ports)
    elif world.order.status is PaymentStatus.REVIEW:
        for resolution, wanted in _DECISIONS.items():
            check_decided(replace(world, store=world.copied_store()), resolution, wanted)


def check_recorded(database: Database, temper: Temper) -> None:
    """Whatever became of its consumers, the next one brings the history to its end, and everyone can read all of it."""
    records = database.stream.records
    if records is None:
        return
    world = present(database, Gatehouse(), 0, temper)
    ports = scripted_ports(world, temper, None)
    consume(ports)
    check_stream(world.store.stream)
    pages = pages_for(BUYER)(ports) if database.found is not None else ()
    shown = [event.seq for page in pages for event in page.events]
    told = [*range(1, len(records) + 1)]
    expect(shown == told, "I8 every change leaves one event", f"of the events {told} the history shows {shown}")
    expect(world.store.stream.published == {*told}, "I8 every change leaves one event", f"not all of {told} were told")


def _come_to_rest(world: Present, ports: Ports) -> None:
    bound, end = _lock_bound(world), _end_bound(world)
    for _ in range(ROUNDS):
        next_at = min((at for at in (world.order.due_at, world.order.follow_up_at) if at is not None), default=None)
        if next_at is None:
            break
        world.advance(next_at)
        _sweep(world, ports)
        check_state(world.order, world.house, world.temper)
        late = world.order.status in _PAYING and world.now > bound
        expect(not late, I5, f"the order is {world.order.status} at {world.now:%H:%M:%S}, past {bound:%H:%M:%S}")
    # What is pending is done in the end, whether or not anybody here waits for it.
    world.house = hosted_money.refunds_settled(world.house)
    order = world.order
    expect(order.status not in _PAYING, I5, f"the order stays {order.status} for ever")
    expect(order.due_at is None and order.follow_up_at is None, I5, f"after {ROUNDS} sweeps something is still due")
    expect(world.now <= end, I5, f"it took until {world.now:%H:%M:%S}, longer than {end:%H:%M:%S}")


def _is_known(order: Order, session: Hosted) -> bool:
    """Whether the order has heard of the session's attempt, so that the sweep can ask for its money, and of its end."""
    payment_id = session.capture.payment_id if session.capture else ""
    refunded = any(_is_made(refund) for refund in order.refunds.values() if refund.payment_id == payment_id)
    untold = session.bounced and session.bounces_heard < session.bounces
    if untold and refunded:
        return False
    known = payment_id in order.payments
    return known or order.held_by(session.attempt_id) or session.attempt_id in order.past_attempts


def _moved(order: Order, session: Hosted) -> bool:
    """Whether money left by another way than our refunds, of which only a callback tells."""
    payment = order.payments.get(session.capture.payment_id) if session.capture else None
    disputes = [dispute.status for dispute in order.disputes.values()]
    untold = session.dispute is not None and session.dispute not in disputes
    return untold or (payment is not None and payment.returned != session.returned)


def _is_made(refund: Refund) -> bool:
    return refund.status is RefundStatus.REFUNDED


def _sweep(world: Present, ports: Ports) -> None:
    report = sweep_timeouts(lambda: True, ports)
    expect(report.failed == 0, "no crash", f"a sweep failed: {world.crash}")


def _bank_decides(world: Present) -> None:
    for session in world.house.sessions:
        if session.standing is Standing.IN_PROGRESS:
            world.house = hosted.captured(world.house, session, world.temper, world.now)


def _lock_bound(world: Present) -> datetime:
    bound = max(world.now, world.order.due_at or world.now)
    attempt, crowded = world.order.attempt, world.order.live_links >= MOST_LIVE_LINKS
    if attempt is None or world.temper.voidable:
        return bound + PERIOD
    session = world.house.session_of(attempt.attempt_id)
    if session is not None and session.dies_at is not None and (crowded or world.temper.waits_for_links):
        bound = max(bound, session.dies_at + GRACE)
    elif crowded:
        # Not known to the gateway, and with so many live links no order is unlocked before it is past all doubt.
        bound = max(bound, attempt.since + max(EXPIRES_IN, world.temper.shortest_session) + GRACE)
    return bound + PERIOD


def _end_bound(world: Present) -> datetime:
    order = world.order
    deaths = [session.dies_at for session in world.house.sessions]
    moments = [at for at in (world.now, order.due_at, order.follow_up_at, *deaths) if at is not None]
    return max(moments) + 2 * (LONGEST_WAIT + GRACE)


def _check_books(world: Present, sessions: Iterable[Hosted]) -> None:
    for session in sessions:
        if session.capture is not None:
            _check_capture(world.order, session, session.capture.amount)


def _check_capture(order: Order, session: Hosted, amount: int) -> None:
    payment = order.payments.get(session.capture.payment_id) if session.capture else None
    back = session.by_hand + sum(sum_ for _, sum_, state in session.refunds if state is RefundState.DONE)
    settles = payment is not None and payment.place is PaymentPlace.SETTLED
    refunds = _refunds_of(order, payment) if payment else []
    # A refund that the gateway will not make is shown to a person, who gives up on it by name.
    kept = amount - back if settles or any(each.status in _SHOWN for each in refunds) else 0
    under_review = payment is not None and payment.place is PaymentPlace.REVIEW
    kept = amount - back if under_review else kept
    told = f"the gateway captured {session.capture}; {kept} of it is accounted for and {back} went back"
    expect(kept + back == amount, I4, told)


def _check_told_books(world: Present) -> None:
    """Every sum that left is recorded, by whatever way it left: the gateway has told of all by now."""
    for session in world.house.sessions:
        payment = world.order.payments.get(session.capture.payment_id) if session.capture else None
        if payment is not None:
            told = f"{payment.returned} of {session.capture} is known to have gone back, and {session.returned} did"
            # The gateway may have made what a person is shown, or gave up on; it is asked about that no more.
            shown = sum(each.amount for each in _refunds_of(world.order, payment) if each.status in _SHOWN)
            expect(payment.returned <= session.returned <= payment.returned + shown, I4, told)


def check_given_up(world: Present, ports: Ports) -> None:
    """An operator ends each refund that the gateway will not make, and nobody is shown it any more."""
    for refund in world.order.refunds.values():
        if refund.status is RefundStatus.REFUSED:
            try:
                write_off_refund(ORDER, refund.refund_id, DECISION, OPERATOR, ports)
            except PaylatchError as error:
                raise Broken(I4, f"a refund that is refused could not be given up: {error!r}") from error
    left = [refund for refund in world.order.refunds.values() if refund.status is RefundStatus.REFUSED]
    expect(not left, I4, f"refunds were given up, and are {left}")
    check_state(world.order, world.house, world.temper)


def _made_unseen(order: Order, session: Hosted) -> bool:
    """Whether the gateway may have made a refund that the order shows as refused or given up (docs: Limits)."""
    payment = order.payments.get(session.capture.payment_id) if session.capture else None
    shown = payment is not None and any(each.status in _SHOWN for each in _refunds_of(order, payment))
    return shown and session.returned > 0


def _refunds_of(order: Order, payment: CapturedPayment) -> list[Refund]:
    return [refund for refund in order.refunds.values() if refund.payment_id == payment.payment_id]


def _repeat_callbacks(world: Present) -> None:
    for notice in world.house.notices:
        try:
            run_alone(world, callback_process(notice, 0))
        except PaylatchError as error:
            raise Broken("no crash", f"a repeated {notice.kind} callback met {error!r}") from error


def check_decided(world: Present, resolution: Resolution, wanted: PaymentStatus) -> None:
    """What a person decides about money that does not match is done."""
    promise = "a review is decided"
    attempt_id = world.order.attempt.attempt_id if world.order.attempt else ""
    ports = scripted_ports(world, world.temper, None)
    try:
        resolve_review(ORDER, attempt_id, resolution, DECISION, OPERATOR, ports)
    except PaylatchError as error:
        raise Broken(promise, f"{resolution}, and refused: {error!r}") from error
    expect(world.order.status is wanted, promise, f"{resolution}, and the order is {world.order.status}")
    check_state(world.order, world.house, world.temper)
    _come_to_rest(world, ports)
    _check_books(world, world.house.sessions)


def check_given_back(world: Present, ports: Ports) -> None:
    """An order that was given back is as good as new: it can be edited, and paid."""
    promise = "what is given back can be edited and paid"
    try:
        edited = edit_order(ORDER, dearer_tea, world.order.revision, SERVICE, ports).order
        request_payment(payment_request("last", edited.revision), BUYER, ports)
    except PaylatchError as error:
        raise Broken(promise, f"{world.order.status}, and refused: {error!r}") from error
    attempt = world.order.attempt
    session = world.house.session_of(attempt.attempt_id) if attempt else None
    expect(attempt is not None and attempt.pay_url is not None, promise, "the buyer was not told where to pay")
    if session is not None:
        world.house = hosted.captured(world.house, session, world.temper, world.now)
        _repeat_callbacks(world)
    wanted = PaymentStatus.REVIEW if world.temper.mismatches else PaymentStatus.PAID
    expect(world.order.status is wanted, promise, f"the buyer paid, and the order is {world.order.status}")


def _result(world: Present) -> tuple[object, ...]:
    order = world.order
    refunds = tuple((refund.payment_id, refund.status) for refund in order.refunds.values())
    return (order.status, order.revision, order.attempt, refunds, tuple(order.past_attempts))

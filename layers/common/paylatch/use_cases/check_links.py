"""The payment links that attempts left behind: each is checked when its time comes; those found dead end together."""

from paylatch.domain.errors import GatewayError, NotAsked, RateLimited
from paylatch.domain.late_money import Evidence, Payment
from paylatch.domain.limits import LINK_GIVEN_UP, next_link_check, next_look
from paylatch.domain.order import Order
from paylatch.domain.payment import Capture, PastAttempt
from paylatch.domain.transitions import Transition, end_links, watch_link
from paylatch.ports import HasTime, Metric, Ports, VoidAnswer, VoidKind
from paylatch.use_cases.release_payment import void_or_error
from paylatch.use_cases.settle_payment import settle_payment
from paylatch.use_cases.write_planned import write_planned


def check_link_if_due(
    attempt_id: str, dead: list[PastAttempt], actor: str, order: Order, ports: Ports, has_time: HasTime
) -> Order:
    """Ask the gateway about the link of that attempt, and give the order afterwards.

    Money is settled. A link that is still live is checked again later. One that is dead is added to `dead`, for
    `end_dead_links` to write; so is one about which no answer came 30 days after the end of its lock.
    """
    attempt = order.past_attempts.get(attempt_id)
    if attempt is None or attempt.check_at is None or attempt.check_at > ports.clock.now() or not has_time():
        return order
    answer = void_or_error(attempt, ports)
    if isinstance(answer, VoidAnswer) and answer.capture is not None:
        return settle_payment(order.order_id, _captured(attempt, answer.capture), ports)
    if _is_dead(attempt, answer, ports):
        dead.append(attempt)
        return order
    under_way = isinstance(answer, VoidAnswer) and answer.kind is VoidKind.PROCESSING
    return _check_again(attempt, actor, order, ports, under_way=under_way)


def _is_dead(attempt: PastAttempt, answer: VoidAnswer | GatewayError, ports: Ports) -> bool:
    if isinstance(answer, VoidAnswer):
        return answer.kind in (VoidKind.VOIDED, VoidKind.ALREADY_CLOSED)
    # A gateway that was not asked, or limits the rate, is not silent.
    if isinstance(answer, NotAsked | RateLimited) or ports.clock.now() - attempt.deadline < LINK_GIVEN_UP:
        return False
    cause = f"no answer about this payment link for {LINK_GIVEN_UP.days} days: it counts as dead"
    ports.metrics.count(Metric.GATEWAY_UNAVAILABLE, gateway=attempt.gateway, attempt_id=attempt.attempt_id, cause=cause)
    return True


def end_dead_links(dead: list[PastAttempt], actor: str, order: Order, ports: Ports, _: HasTime) -> Order:
    """End all these links by one write, those excepted whose attempt has changed since; give the order afterwards."""

    def plan(head: Order) -> Transition | None:
        still = [attempt for attempt in dead if head.past_attempts.get(attempt.attempt_id) == attempt]
        return end_links(head, still, ports.write_context(actor)) if still else None

    return write_planned(order, plan, ports).order or order


def _captured(attempt: PastAttempt, capture: Capture) -> Payment:
    return Payment(attempt.attempt_id, attempt.gateway, capture, Evidence.CONFIRMED)


def _check_again(attempt: PastAttempt, actor: str, order: Order, ports: Ports, *, under_way: bool) -> Order:
    def plan(head: Order) -> Transition | None:
        if head.past_attempts.get(attempt.attempt_id) != attempt:
            return None
        write_context = ports.write_context(actor)
        now = write_context.at
        check_at = next_look(attempt.since, now) if under_way else next_link_check(attempt.deadline, now)
        return watch_link(head, attempt, check_at, write_context)

    return write_planned(order, plan, ports).order or order

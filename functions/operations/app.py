"""Operations: a payment is asked after again, the orders that need a person, and operators' decisions about them."""

from typing import Any

from paylatch.domain import errors, refund_errors
from paylatch.domain.attention import group_of, position_after
from paylatch.domain.payment import Resolution
from paylatch.runtime import requests
from paylatch.runtime.callers import caller_of
from paylatch.runtime.group_operations import GROUPED_ATTENTION, RECHECK_GROUP, RELEASE_GROUP
from paylatch.runtime.http import Response, answer, new_api, routed
from paylatch.runtime.lambda_context import LambdaContext
from paylatch.runtime.operation import (
    BODIES,
    GATEWAYS,
    NO_ATTEMPT,
    WRITES,
    BodySpec,
    Operation,
    ResponseSpec,
    order_spec,
)
from paylatch.runtime.reconciliation_operations import HANDLE_FINDING, RECONCILE_DAY, ReconciliationBody
from paylatch.runtime.replay_operations import REPLAY
from paylatch.runtime.request_models import (
    GroupRecheckBody,
    GroupReleaseBody,
    ReasonBody,
    ResolutionBody,
    parsed,
)
from paylatch.runtime.response_models import order_answer
from paylatch.runtime.time_budget import CALL_SECONDS, STORE_REQUEST_SECONDS, time_for
from paylatch.runtime.wiring import entry, gateway_names, group_ports, ports, reconciliation_store
from paylatch.use_cases.list_findings import OpenFindings, list_findings
from paylatch.use_cases.recheck_payment import recheck_payment
from paylatch.use_cases.review_payment import needing_attention, resolve_review
from paylatch.use_cases.write_off_refund import write_off_refund

api = new_api()
# Two reads of the head, its write, and its content.
REQUESTS_OF_A_RELEASE = 4
# One read more of the orders, and after it the findings: their keys, and the findings themselves.
REQUESTS_OF_ATTENTION = 3


@routed(
    api,
    Operation(
        route="GET /operations/attention",
        name="list_attention",
        summary="What an operator must look at",
        description=(
            "Payments under review, releases that no gateway confirms, refunds owed for over an hour, refused refunds, "
            "disputed payments, and what reconciliation found and no rule put right. What cannot be read is named and "
            "hides nothing else."
        ),
        tag="Operations",
        answers={
            200: ResponseSpec("At most 100 orders, without their content, and 100 findings", "Attention", "ATTENTION")
        },
        problems={errors.StoreUnavailable, errors.StoreRefused, errors.NotAllowed},
    ),
)
def attention() -> Response[str]:
    from paylatch.runtime.attention_responses import attention_response

    has_time = time_for(REQUESTS_OF_ATTENTION * STORE_REQUEST_SECONDS, api.lambda_context)
    found = needing_attention(caller_of(api.current_event.raw_event), has_time, ports())
    return answer(attention_response(found, _open_findings(), ports().clock.now()))


@routed(api, GROUPED_ATTENTION)
def grouped() -> Response[str]:
    from paylatch.runtime.attention_responses import groups_response
    from paylatch.use_cases.group_attention import group_attention

    has_time = time_for(REQUESTS_OF_ATTENTION * STORE_REQUEST_SECONDS, api.lambda_context)
    found = group_attention(caller_of(api.current_event.raw_event), has_time, ports())
    return answer(groups_response(found, _open_findings()))


def _open_findings() -> OpenFindings:
    return list_findings(caller_of(api.current_event.raw_event), reconciliation_store(), ports())


@routed(api, RECONCILE_DAY)
def reconcile_day() -> Response[str]:
    from paylatch.runtime.reconciliation_responses import reconciled_day_response
    from paylatch.use_cases.reconcile_on_demand import DayRequest, reconcile_on_demand

    event = api.current_event.raw_event
    caller = caller_of(event)
    body = parsed(ReconciliationBody, requests.json_body(event))
    has_time = time_for(STORE_REQUEST_SECONDS + CALL_SECONDS, api.lambda_context)
    request = DayRequest(body.day, body.gateway, body.again)
    found = reconcile_on_demand(request, gateway_names(), caller, has_time, reconciliation_store(), group_ports())
    return answer(reconciled_day_response(found))


@routed(api, HANDLE_FINDING)
def handled(gateway: str, day: str, discrepancy: str, payment_id: str) -> Response[str]:
    from paylatch.runtime.reconciliation_responses import finding_response
    from paylatch.use_cases.reconcile_on_demand import finding_named, handle_finding

    caller, key = caller_of(api.current_event.raw_event), finding_named(gateway, day, discrepancy, payment_id)
    return answer(finding_response(handle_finding(key, caller, reconciliation_store(), ports())))


@routed(api, RECHECK_GROUP)
def recheck_orders(gateway: str, cause: str) -> Response[str]:
    from paylatch.runtime.attention_responses import progress_response
    from paylatch.use_cases.act_on_group import recheck_group

    event = api.current_event.raw_event
    caller, group = caller_of(event), group_of(gateway, cause)
    body = parsed(GroupRecheckBody, requests.optional_json_body(event))
    after = position_after(body.cursor, group) if body.cursor else None
    has_time = time_for(STORE_REQUEST_SECONDS + CALL_SECONDS, api.lambda_context)
    return answer(progress_response(recheck_group(group, after, caller, has_time, group_ports()), group))


@routed(api, RELEASE_GROUP)
def release_orders(gateway: str, cause: str) -> Response[str]:
    from paylatch.runtime.attention_responses import progress_response
    from paylatch.use_cases.act_on_group import release_group

    event = api.current_event.raw_event
    caller, group = caller_of(event), group_of(gateway, cause)
    body = parsed(GroupReleaseBody, requests.json_body(event))
    after = position_after(body.cursor, group) if body.cursor else None
    has_time = time_for(REQUESTS_OF_A_RELEASE * STORE_REQUEST_SECONDS, api.lambda_context)
    return answer(progress_response(release_group(group, after, body.reason, caller, has_time, ports()), group))


@routed(
    api,
    Operation(
        route="POST /orders/{order_id}/payments/{attempt_id}/recheck",
        name="recheck_payment",
        summary="Ask the gateway again what became of a payment",
        description=(
            "For a buyer who is back from the gateway before its callback. For buyer, seller and service the gateway "
            "is asked at most once in 5 seconds about one order; in between they get the order as it is. An operator's "
            "question is always asked, also about the payment's refunds."
        ),
        tag="Payments",
        answers={200: order_spec("The order after the gateway's answer", "ORDER")},
        problems=WRITES | NO_ATTEMPT | GATEWAYS,
    ),
)
def recheck(order_id: str, attempt_id: str) -> Response[str]:
    return order_answer(
        recheck_payment(order_id, attempt_id, caller_of(api.current_event.raw_event), ports()), ports().clock.now()
    )


@routed(
    api,
    Operation(
        route="POST /orders/{order_id}/payments/{attempt_id}/resolution",
        name="resolve_review",
        summary="Decide about a payment whose money does not match",
        description="`settle` takes the money as the payment; `refund` gives it back, and with it the order.",
        tag="Operations",
        body=BodySpec("Resolution", "RESOLUTION"),
        answers={200: order_spec("The order, paid or unlocked", "PAID_ORDER")},
        problems=BODIES | WRITES | NO_ATTEMPT | {refund_errors.DecidedOtherwise},
    ),
)
def resolve(order_id: str, attempt_id: str) -> Response[str]:
    event = api.current_event.raw_event
    caller = caller_of(event)
    body = parsed(ResolutionBody, requests.json_body(event))
    return order_answer(
        resolve_review(order_id, attempt_id, Resolution(body.action), body.reason, caller, ports()), ports().clock.now()
    )


@routed(
    api,
    Operation(
        route="POST /orders/{order_id}/payments/{attempt_id}/release",
        name="release_by_operator",
        summary="Unlock an order whose gateway gives no answer",
        description=(
            "Without the gateway's word: the payer's link is watched from then on, and money that still comes through "
            "it pays for the order or goes back. A second time changes nothing."
        ),
        tag="Operations",
        body=BodySpec("Reason", "REASON"),
        answers={200: order_spec("The order, unlocked", "ORDER")},
        problems=BODIES | WRITES | NO_ATTEMPT | {errors.PaymentCompleted},
    ),
)
def release(order_id: str, attempt_id: str) -> Response[str]:
    from paylatch.use_cases.force_release import release_by_operator

    event = api.current_event.raw_event
    caller = caller_of(event)
    body = parsed(ReasonBody, requests.json_body(event))
    return order_answer(release_by_operator(order_id, attempt_id, body.reason, caller, ports()), ports().clock.now())


@routed(
    api,
    Operation(
        route="POST /orders/{order_id}/refunds/{refund_id}/write-off",
        name="write_off_refund",
        summary="Give up on a refund that the gateway will never make",
        description="The sum stays visible, with who gave it up and why. A second time changes nothing.",
        tag="Operations",
        body=BodySpec("Reason", "REASON"),
        answers={200: order_spec("The order", "WRITTEN_OFF_ORDER")},
        problems=BODIES | WRITES | {errors.RefundNotFound},
    ),
)
def write_off(order_id: str, refund_id: str) -> Response[str]:
    event = api.current_event.raw_event
    caller = caller_of(event)
    body = parsed(ReasonBody, requests.json_body(event))
    return order_answer(write_off_refund(order_id, refund_id, body.reason, caller, ports()), ports().clock.now())


@routed(api, REPLAY)
def replay_events() -> Response[str]:
    # Imported here, so that the function's other calls do not load it.
    from paylatch.runtime.replay_calls import replay
    from paylatch.runtime.replay_models import ReplayBody

    event = api.current_event.raw_event
    caller = caller_of(event)
    return answer(replay(parsed(ReplayBody, requests.json_body(event)), caller, api.lambda_context))


@entry.http
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.resolve(event, context)

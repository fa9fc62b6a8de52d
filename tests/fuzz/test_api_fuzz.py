"""Generated requests against the published contract: only documented answers, and no write on a refusal.

FUZZ_EXAMPLES says how many requests each operation gets, beside the ones that cover its schema;
FUZZ_STACK_FILE names the description of a deployed stack. A seed is pytest's `--hypothesis-seed`.
"""

import os
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from local.api_client import ApiRequest, HttpTransport
from openapi.document import document as openapi_document
from tests.fuzz.conftest import STACK_FILE
from tests.fuzz.prepared_orders import STATES, chosen, prepared_order, retry_unavailable
from tests.fuzz.targets import Target, written

schemathesis = pytest.importorskip("schemathesis")
checks = pytest.importorskip("schemathesis.specs.openapi.checks")
everywhere = pytest.importorskip("schemathesis.checks")

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "15"))
ROLES = ("service", "service", "buyer", "operator")
REFUSALS = ["400", "401", "403", "404", "409", "412", "413", "415", "422", "428"]
# An unknown path or method is API Gateway's own 404, hence no check of unsupported methods.
CHECKS = [
    everywhere.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.missing_required_header,
    checks.ignored_auth,
]
CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {
            "negative_data_rejection": {"expected-statuses": REFUSALS},
            "missing_required_header": {"expected-statuses": REFUSALS},
        },
        # Hundreds of requests that cover the schema's every bound: on moto, where one takes milliseconds.
        "phases": {"coverage": {"enabled": STACK_FILE not in os.environ, "unexpected-methods": []}},
    }
)
SCHEMA = schemathesis.openapi.from_dict(openapi_document(), config=CONFIG)
ORDER_ID = re.compile("[0-9A-Z]{16}")
ATTEMPT_ID = re.compile("[0-9A-Z]{16}_[0-9A-Z]{8}")


def aim(case: Any, target: Target) -> None:
    """Where the case names an order and an attempt, make them exist; every other time with the right revision."""
    named = case.path_parameters or {}
    if not ORDER_ID.fullmatch(str(named.get("order_id", ""))):
        return
    order = prepared_order(chosen((named, case.body), STATES), target)
    named["order_id"] = order.order_id
    if ATTEMPT_ID.fullmatch(str(named.get("attempt_id", ""))):
        named["attempt_id"] = order.attempt_id
    revision = (case.headers or {}).get("If-Match")
    if revision and chosen((revision, case.body), ("right", "as it is")) == "right":
        case.headers["If-Match"] = '"1"'


def exercise(case: Any, target: Target) -> None:
    """Send it, as one of the roles; check the answer; on a refusal, see that nothing was written."""
    aim(case, target)
    role = chosen((case.path_parameters, case.headers, case.body, "role"), ROLES)
    before = target.snapshot()
    bearer = {"Authorization": f"Bearer {target.tokens[role]}"}
    response = retry_unavailable(
        lambda: case.call(base_url=target.api_url, headers=bearer), lambda response: int(response.status_code)
    )
    after = target.snapshot()
    if 400 <= response.status_code < 500:
        assert written(before, after) == set(), f"{case.method} {case.path} answered {response.status_code} and wrote"
    case.validate_response(response, checks=CHECKS)
    if not target.persistent:
        target.remove(after)


without_deadline = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),  # pyright: ignore[reportArgumentType]
    database=None,
)
test_only_documented_answers = SCHEMA.parametrize()(without_deadline(exercise))


def test_the_document_is_the_one_that_is_served(target: Target) -> None:
    answer = HttpTransport(target.api_url)(ApiRequest("GET", "/openapi.json", {}))
    assert answer.status == 200
    assert answer.body == openapi_document()

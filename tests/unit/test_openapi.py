"""The published contract: valid, complete, and equal to the code's answers."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from openapi import examples
from openapi.document import document as openapi_document
from openapi.operations import OPERATIONS
from openapi.problem_responses import EXAMPLES, MEMBERS
from paylatch.domain.documents import order_from_document
from paylatch.domain.errors import PaylatchError
from paylatch.domain.order import Content, Line
from paylatch.ports import HistoryPage
from paylatch.runtime.merge_patch import merged
from paylatch.runtime.operation import Operation
from paylatch.runtime.problems import INTERNAL_ERROR, NO_SUCH_ROUTE, PROBLEMS, problem_document
from paylatch.runtime.request_models import Body, ContentBody, OrderBody, PaymentBody, ResolutionBody
from paylatch.runtime.response_models import (
    attempt_response,
    head_response,
    history_response,
    order_response,
)
from paylatch.use_cases.read_order import WholeOrder
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.orders_table import ROOT
from tests.template_routes import routes
from tests.transition_cases import ORDER_ID, ROWS, START, STATES, fitting, head_of

DOCUMENT = openapi_document()
ADDRESS = {"recipient": "Ada", "line1": "1 St", "city": "U", "postal_code": "753", "country": "SE"}
LINES = (Line("TEA-01", "Green tea", 2, 1250),)
CONTENTS = (Content(LINES), Content(LINES, ADDRESS, "Ring twice."))
KEPT = {"lines": [{"sku": "a", "name": "A", "quantity": 2, "unit_price": 5}], "shipping_address": ADDRESS}
EXISTING = [state for state in STATES if state != "missing"]


def validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    """Of a schema that may refer to the document's components."""
    return Draft202012Validator({**schema, "components": DOCUMENT["components"]})


def component(name: str) -> Draft202012Validator:
    return validator({"$ref": f"#/components/schemas/{name}"})


def contents() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every body of the document: of which operation, where, and what is said of it."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            places = {"request": operation.get("requestBody", {}), **operation["responses"]}
            for place, described in places.items():
                for media_type, content in described.get("content", {}).items():
                    yield f"{method.upper()} {path}", f"{place} {media_type}", content


def children(node: Any) -> list[Any]:
    return list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []


def below(node: Any) -> Iterator[dict[str, Any]]:
    """This node and every one inside it, as far as they are objects."""
    if isinstance(node, dict):
        yield node
    for child in children(node):
        yield from below(child)


def test_it_is_valid_openapi() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_its_routes_are_the_template_s() -> None:
    assert {(operation.route, operation.public) for operation in OPERATIONS} == {
        (route.key, route.public) for route in routes()
    }, "template.yaml: make the function's `Events` those of its app.py"


def test_every_component_is_used() -> None:
    text = str(DOCUMENT)
    kinds = ("schemas", "parameters", "headers", "links")
    named = [f"#/components/{kind}/{name}" for kind in kinds for name in DOCUMENT["components"][kind]]
    assert [name for name in named if f"'{name}'" not in text] == []


def test_every_example_fits_its_schema() -> None:
    wrong = [
        (route, place, error.message)
        for route, place, content in contents()
        for example in content.get("examples", {}).values()
        for error in validator(content["schema"]).iter_errors(example["value"])
    ]
    assert wrong == [], "openapi/examples.py: make it what the schema says"


def test_every_parameter_s_example_fits() -> None:
    parameters = DOCUMENT["components"]["parameters"].values()
    assert [p["name"] for p in parameters if not validator(p["schema"]).is_valid(p["example"])] == []


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_every_problem_has_the_members_that_the_contract_describes_for_its_code(error: PaylatchError) -> None:
    document = problem_document(error)
    of_all = DOCUMENT["components"]["schemas"]["Problem"]["required"]
    component("Problem").validate(document)
    assert document.keys() == {*of_all, *MEMBERS.get(type(error), {})}


def test_the_description_of_a_problem_s_member_names_every_code_that_has_it() -> None:
    properties = DOCUMENT["components"]["schemas"]["Problem"]["properties"]
    for error, members in MEMBERS.items():
        for name in members:
            assert f"`{PROBLEMS[error].code}`" in properties[name]["description"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_call_answers_with_the_problems_of_its_own_and_no_others(operation: Operation) -> None:
    method, _, path = operation.route.partition(" ")
    responses = DOCUMENT["paths"][path][method.lower()]["responses"]
    for kind, problem in PROBLEMS.items():
        content = responses.get(str(problem.status), {}).get("content", {}).get("application/problem+json")
        example = next(problem_document(each) for each in EXAMPLES if type(each) is kind)
        taken = content is not None and validator(content["schema"]).is_valid(example)
        same = {other for other in PROBLEMS if PROBLEMS[other].code == problem.code}
        assert taken is bool(same & set(operation.problems)), problem.code


def test_every_error_has_an_example() -> None:
    assert {type(error) for error in EXAMPLES} == set(PROBLEMS)


def test_every_problem_is_documented_by_some_operation() -> None:
    assert {kind for operation in OPERATIONS for kind in operation.problems} == set(PROBLEMS)


@pytest.mark.parametrize("state", EXISTING)
def test_an_order_in_every_state_fits_its_schema(state: str) -> None:
    order = order_from_document(head_of(state))
    component("OrderHead").validate(head_response(order, START))
    for content in CONTENTS:
        component("Order").validate(order_response(WholeOrder(order, content), START))


@pytest.mark.parametrize("state", EXISTING)
def test_every_attempt_fits_its_schema(state: str) -> None:
    order = order_from_document(head_of(state))
    for attempt in (*order.past_attempts.values(), *((order.attempt,) if order.attempt else ())):
        component("Attempt").validate(attempt_response(attempt, order.order_id))


@pytest.mark.parametrize("row", ROWS)
def test_the_event_of_every_transition_fits_its_schema(row: str) -> None:
    head, transition = fitting(row)
    store = MemoryOrderStore()
    store.heads |= {ORDER_ID: head} if head else {}
    store.apply(ORDER_ID, transition)
    (event,) = store.outbox
    (document,) = history_response(HistoryPage((event,), None))["events"]
    component("Event").validate(document)


@pytest.mark.parametrize("field", ["buyer_id", "seller_id"])
@pytest.mark.parametrize("schema", ["NewOrder", "Order", "OrderHead"])
def test_it_describes_the_parties_ids(schema: str, field: str) -> None:
    described = DOCUMENT["components"]["schemas"][schema]["properties"][field]
    assert described["description"] == f"The `sub` of the {field.removesuffix('_id')}'s token"


def test_the_bodies_of_the_examples_are_taken() -> None:
    models: dict[str, type[Body]] = {"NewOrder": OrderBody, "PaymentRequest": PaymentBody, "Resolution": ResolutionBody}
    for operation in OPERATIONS:
        if operation.body is not None and operation.body.schema in models:
            models[operation.body.schema].model_validate(getattr(examples, operation.body.example))


@pytest.mark.parametrize(
    "patch",
    [
        {"note": None},
        {"note": "x"},
        {"shipping_address": None},
        {"shipping_address": {"city": "Lund"}},
        {"shipping_address": {"line2": None, "region": "Skåne"}},
        {"shipping_address": {"city": None, "postal_code": None, "country": "HK"}},
        {"lines": [{"sku": "a", "name": "A", "quantity": 1, "unit_price": 1}]},
        {},
    ],
)
def test_a_patch_that_the_schema_takes_is_taken(patch: dict[str, Any]) -> None:
    component("OrderPatch").validate(patch)
    ContentBody.model_validate(merged(KEPT, patch))


@pytest.mark.parametrize("patch", [{"lines": None}, {"currency": "EUR"}, {"shipping_address": {"zip": "1"}}])
def test_a_patch_that_the_schema_refuses_is_refused(patch: dict[str, Any]) -> None:
    assert not component("OrderPatch").is_valid(patch)
    with pytest.raises(ValueError, match="validation error"):
        ContentBody.model_validate(merged(KEPT, patch))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_handler_names_only_what_the_contract_has(operation: Operation) -> None:
    components = DOCUMENT["components"]
    in_path = {name.title().replace("_", "") for name in re.findall(r"{(\w+)}", operation.route)}
    answers = operation.answers.values()
    schemas = {spec.schema for spec in (*answers, *((operation.body,) if operation.body else ())) if spec.schema}

    assert in_path | set(operation.parameters) <= components["parameters"].keys(), "add it in openapi/document.py"
    missing = schemas - components["schemas"].keys()
    assert not missing, "no model in runtime/request_models.py or runtime/response_types.py gives this component"
    assert {name for spec in answers for name in spec.headers} <= components["headers"].keys()
    assert {name for spec in answers for name in spec.links} <= components["links"].keys()


def test_every_kind_of_problem_is_one_schema_with_the_codes_as_its_words() -> None:
    refused = [
        content["schema"]["$ref"] for _, place, content in contents() if place.endswith("application/problem+json")
    ]
    codes = {problem.code for problem in (*PROBLEMS.values(), NO_SUCH_ROUTE, INTERNAL_ERROR)}
    assert set(refused) == {"#/components/schemas/Problem"}
    assert set(DOCUMENT["components"]["schemas"]["ProblemCode"]["enum"]) == codes


def test_no_object_and_no_shared_enumeration_is_without_a_name() -> None:
    named = DOCUMENT["components"]["schemas"]
    inside = [schema for each in named.values() for child in children(each) for schema in below(child)]
    assert [schema for schema in inside if "properties" in schema] == [], "openapi/response_schemas.py: `COMPONENTS`"
    words = [tuple(schema["enum"]) for schema in inside if "enum" in schema]
    assert [each for each in words if words.count(each) > 1] == [], "openapi/enumerations.py: `ENUMERATIONS`"


def test_the_document_says_where_the_api_is_under_which_licence_and_what_each_tag_is_for() -> None:
    assert [server["url"] for server in DOCUMENT["servers"]] == [
        "https://{api_id}.execute-api.{region}.amazonaws.com",
        "http://127.0.0.1:3000",
    ]
    assert DOCUMENT["info"]["license"]["identifier"] == "Apache-2.0"
    assert [tag["name"] for tag in DOCUMENT["tags"] if tag["description"]] == list(
        dict.fromkeys(operation.tag for operation in OPERATIONS)
    )


def test_no_body_has_a_default_because_generated_clients_would_send_it_in_a_patch() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert [schema for each in schemas.values() for schema in below(each) if "default" in schema] == []
    assert "`item` where it is left out" in schemas["Line"]["properties"]["kind"]["description"]
    assert "left out" not in str(schemas["OrderPatch"]["properties"]["payable"])


def test_no_two_operations_share_a_name() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(set(names)) == len(names)


def test_the_calls_that_the_page_of_the_clients_names_are_in_the_contract() -> None:
    named = re.findall(r"`api\.(\w+)\.(\w+)`", (ROOT / "docs" / "clients.md").read_text())
    assert named
    assert set(named) <= {(operation.tag.lower(), operation.name) for operation in OPERATIONS}

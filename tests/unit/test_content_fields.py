"""A field of an order's content goes the whole way: request, content, stored document, response, contract."""

from dataclasses import fields

from openapi import examples
from openapi.document import document
from paylatch.domain.documents import content_document, content_from_document, order_from_document
from paylatch.domain.order import Content
from paylatch.domain.stored_records import UNKNOWN
from paylatch.runtime.request_models import ContentBody, OrderBody
from paylatch.runtime.response_models import order_response
from paylatch.use_cases.read_order import WholeOrder
from tests.transition_cases import START, head_of

FIELDS = {field.name for field in fields(Content)} - {UNKNOWN}
CONTENT = OrderBody.model_validate(examples.NEW_ORDER).content()
PACKAGE = "layers/common/paylatch"


def test_an_order_holds_every_field_of_a_request() -> None:
    missing = ContentBody.model_fields.keys() ^ FIELDS
    assert not missing, f"{PACKAGE}: `Content` in domain/order.py, `ContentBody` in runtime/request_models.py"


def test_the_example_of_an_order_has_every_field() -> None:
    missing = ContentBody.model_fields.keys() - examples.NEW_ORDER.keys()
    assert not missing, "openapi/examples.py: `NEW_ORDER`"


def test_a_request_loses_no_field() -> None:
    lost = {name for name in FIELDS if getattr(CONTENT, name) is None}
    assert not lost, f"{PACKAGE}/runtime/request_models.py: `ContentBody.content`"


def test_every_field_is_stored_and_read_back() -> None:
    stored = content_document(CONTENT)
    assert {*stored} == {name for name in FIELDS if getattr(CONTENT, name) is not None}
    assert content_from_document(stored) == CONTENT, f"{PACKAGE}/domain/stored_records.py"


def test_every_field_is_shown_and_null_where_there_is_none() -> None:
    order = order_from_document(head_of("new"))
    whole = order_response(WholeOrder(order, CONTENT), START)
    bare = order_response(WholeOrder(order, Content(CONTENT.lines)), START)
    assert whole.keys() & bare.keys() >= FIELDS, f"{PACKAGE}/runtime/response_models.py: `order_response`"
    assert {name for name in FIELDS if bare[name] is None} == FIELDS - {"lines", "payable"}


def test_the_contract_has_every_field_of_a_response() -> None:
    schemas = document()["components"]["schemas"]
    shown = schemas["OrderHead"]["properties"].keys() | ContentBody.model_fields.keys()
    assert schemas["Order"]["properties"].keys() == shown, "openapi/request_schemas.py: `content_as_kept`"

"""The contract's schemas follow from the types of responses."""

from dataclasses import fields
from enum import StrEnum
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import pytest

from openapi.document import document
from openapi.response_schemas import COMPONENTS
from openapi.schemas import object_schema, schema_of
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.runtime.event_types import Event
from paylatch.runtime.response_fields import Keyword

Positive = Annotated[int, Keyword("minimum", 1), "How many"]
Grams = Annotated[Positive, "Grams"]


class Size(StrEnum):
    """Two words."""

    SMALL = "small"
    LARGE = "large"


class Parcel(TypedDict):
    """One parcel"""

    size: Size
    weight: Annotated[Positive, "In grams"]
    note: NotRequired[str]


class Shipment(TypedDict, total=False):
    """Several parcels"""

    parcels: Annotated[list[Parcel], Keyword("maxItems", 9)]


@pytest.mark.parametrize(
    ("form", "schema"),
    [
        (str, {"type": "string"}),
        (int, {"type": "integer"}),
        (Size, {"type": "string", "enum": ["small", "large"]}),
        (Literal[1], {"const": 1}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (int | None, {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        (Positive, {"type": "integer", "minimum": 1, "description": "How many"}),
        (Grams, {"type": "integer", "minimum": 1, "description": "Grams"}),
        (Grams | None, {"anyOf": [schema_of(Grams), {"type": "null"}]}),
        (Annotated[Size, Keyword("enum", (Size.LARGE,))], {"type": "string", "enum": ["large"]}),
        (Annotated[str, Keyword("$ref", "#/x")], {"$ref": "#/x"}),
    ],
)
def test_a_type_with_its_annotations_is_a_schema(form: Any, schema: dict[str, Any]) -> None:
    assert schema_of(form) == schema


@pytest.mark.parametrize("form", [float, bytes, dict[str, int]])
def test_a_type_without_a_schema_is_refused(form: Any) -> None:
    with pytest.raises(TypeError, match="no schema for"):
        schema_of(form)


def test_an_object_has_its_members_and_no_others() -> None:
    assert object_schema(Parcel) == {
        "description": "One parcel",
        "type": "object",
        "properties": {
            "size": schema_of(Size),
            "weight": schema_of(Annotated[Positive, "In grams"]),
            "note": {"type": "string"},
        },
        "required": ["size", "weight"],
        "additionalProperties": False,
    }


def test_an_object_refers_to_a_component_and_contains_what_is_none() -> None:
    (contained,) = object_schema(Shipment)["properties"].values()
    (referred,) = object_schema(Shipment, [Parcel])["properties"].values()
    assert contained == {"type": "array", "items": object_schema(Parcel), "maxItems": 9}
    assert referred == {"type": "array", "items": {"$ref": "#/components/schemas/Parcel"}, "maxItems": 9}
    assert object_schema(Shipment)["required"] == []


@pytest.mark.parametrize("form", COMPONENTS, ids=lambda form: form.__name__)
def test_every_member_of_a_response_is_in_the_contract(form: type) -> None:
    described = document()["components"]["schemas"][form.__name__]
    assert list(described["properties"]) == list(form.__annotations__)


def test_the_contract_shows_every_field_of_an_event() -> None:
    inside, outside = {"role", "content_id", "previous_content_id"}, {"actor_id"}
    assert set(Event.__annotations__) == {field.name for field in fields(RecordedEvent)} - inside | outside, (
        "layers/common/paylatch/runtime/event_types.py: `Event`"
    )

"""What clients may send: the bodies' own models as schemas, and the merge patch of an order's content."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic.json_schema import models_json_schema

from openapi.enumerations import with_names
from openapi.schemas import Schema, component, or_null
from paylatch.runtime.pay_link_models import PayLinkBody
from paylatch.runtime.reconciliation_operations import ReconciliationBody
from paylatch.runtime.replay_models import ReplayBody
from paylatch.runtime.request_models import AddressBody, Body, CancellationBody, OrderBody, PaymentBody

# A model's component has the model's name without `Body`, but for these.
_OTHER_NAMES = {
    AddressBody: "NewAddress",
    OrderBody: "NewOrder",
    PaymentBody: "PaymentRequest",
    CancellationBody: "PaymentCancellation",
    ReconciliationBody: "Reconciliation",
    PayLinkBody: "PayLinkRequest",
    ReplayBody: "Replay",
}


def _models(base: type[Body]) -> Iterator[type[Body]]:
    """The models of bodies and of their parts."""
    for model in base.__subclasses__():
        yield model
        yield from _models(model)


_ADDRESSES = ("shipping_address", "billing_address")
COMPONENTS = {model: _OTHER_NAMES.get(model, model.__name__.removesuffix("Body")) for model in _models(Body)}


_METADATA = "metadata"


def request_schemas() -> dict[str, Schema]:
    """The components for request bodies, by name."""
    schemas = _model_schemas()
    content = schemas.pop("Content")
    metadata = _metadata(_raw_schemas()["Content"])
    schemas["PaymentCancellation"]["properties"]["edit"] = component("OrderPatch")
    return {
        **schemas,
        "OrderPatch": _order_patch(content),
        "OrderEdit": {"oneOf": [component("OrderPatch"), component("Handover")]},
        "AddressPatch": _address_patch(schemas["NewAddress"]),
        "Metadata": metadata,
        "MetadataPatch": _metadata_patch(metadata),
    }


def address_as_kept() -> Schema:
    """An address as answers show it: what was not given, or given as null, is not there."""
    request = _model_schemas()["NewAddress"]
    properties = {name: _not_null(schema) for name, schema in request["properties"].items()}
    return {**request, "properties": properties}


def content_as_kept() -> Schema:
    """The properties of an order's content in answers: those of a request, with the addresses as they are kept."""
    return {**_model_schemas()["Content"]["properties"], **dict.fromkeys(_ADDRESSES, or_null(component("Address")))}


def _model_schemas() -> dict[str, Schema]:
    """The models' schemas, with references to what has a name of its own."""
    schemas = _raw_schemas()
    for schema in schemas.values():
        if _METADATA in schema["properties"]:
            schema["properties"][_METADATA] = or_null(component("Metadata"))
    return schemas


def _raw_schemas() -> dict[str, Schema]:
    models = [(model, "validation") for model in COMPONENTS]
    _, document = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    # In a patch and in an answer, a part that is not there has no default.
    for part in document["$defs"]["ContentBody"]["properties"].values():
        part.pop("default", None)
    names = {model.__name__: name for model, name in COMPONENTS.items()}
    return {names[name]: _tidied(schema, names) for name, schema in document["$defs"].items()}


def _order_patch(content: Schema) -> Schema:
    return {
        "type": "object",
        "description": (
            "JSON Merge Patch (RFC 7396) of an order's content. A field that is left out stays; null removes it; lines "
            "are sent whole. A seller and a service may edit everything, a buyer what `buyer_may` permits: lines in "
            "any order, each with its present sku, name and unit_price; kind, fixed and max_quantity stay whatever is "
            "sent. The payment terms are the seller's."
        ),
        "properties": {
            **content["properties"],
            **dict.fromkeys(_ADDRESSES, or_null(component("AddressPatch"))),
            _METADATA: or_null(component("MetadataPatch")),
        },
        "additionalProperties": False,
    }


def _metadata(content: Schema) -> Schema:
    return _not_null(content["properties"][_METADATA])


def _metadata_patch(metadata: Schema) -> Schema:
    return {
        **{name: value for name, value in metadata.items() if name != "maxProperties"},
        "description": "The texts that change; null removes one. At most 20 result.",
        "additionalProperties": or_null(metadata["additionalProperties"]),
    }


def _address_patch(address: Schema) -> Schema:
    return {
        "type": "object",
        "description": "The parts of the address that change. The address that results must be whole.",
        "properties": address["properties"],
        "additionalProperties": False,
    }


def _not_null(schema: Schema) -> Schema:
    (kept,) = [branch for branch in schema.get("anyOf", [schema]) if branch.get("type") != "null"]
    return dict(kept)


def _tidied(node: Any, names: dict[str, str]) -> Any:
    """Without the titles that only repeat a name; references by our names; a default as a part of the description.

    Generated clients would send a `default`, also in a merge patch, where a field that is left out stays.
    """
    if isinstance(node, list):
        return [_tidied(element, names) for element in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return component(names[node["$ref"].rpartition("/")[2]])
    tidied = {
        key: {name: _tidied(schema, names) for name, schema in value.items()}
        if key == "properties"
        else _tidied(value, names)
        for key, value in node.items()
        if key not in ("title", "default")
    }
    return with_names(tidied | _default_in_words(node))


def _default_in_words(node: Schema) -> Schema:
    if node.get("default") in (None, {}):
        return {}
    words = f"`{json.dumps(node['default'])}` where it is left out".replace('"', "")
    return {"description": "; ".join(filter(None, (node.get("description"), words)))}

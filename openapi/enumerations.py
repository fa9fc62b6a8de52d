"""The words of the API. Each set has a name of its own, so that a client has one type of it, wherever it is used."""

from openapi.schemas import Schema, component, enumeration
from paylatch.domain.actors import ActorRole
from paylatch.domain.attention import Cause
from paylatch.domain.cancellation import CancellationReason
from paylatch.domain.currencies import CURRENCIES
from paylatch.domain.ledger import RefundedPart
from paylatch.domain.manual_settlement import ManualMethod
from paylatch.domain.order import BuyerRight, LineKind, PaymentStatus
from paylatch.domain.payment import AttemptStatus, DisputeStatus, RefundStatus
from paylatch.domain.payment_terms import LateMoney
from paylatch.domain.statement import Discrepancy, StatementKind
from paylatch.domain.transitions import EventType

ENUMERATIONS = (
    ActorRole,
    AttemptStatus,
    BuyerRight,
    CancellationReason,
    Cause,
    Discrepancy,
    DisputeStatus,
    EventType,
    LateMoney,
    LineKind,
    ManualMethod,
    PaymentStatus,
    RefundStatus,
    RefundedPart,
    StatementKind,
)


def enumeration_schemas() -> dict[str, Schema]:
    """The components, by name."""
    currency = {"type": "string", "enum": sorted(CURRENCIES), "description": "ISO 4217"}
    return {"Currency": currency, **{words.__name__: enumeration(words) for words in ENUMERATIONS}}


def with_names(schema: Schema) -> Schema:
    """A reference in place of the words of one of the components; anything else as it is."""
    for name, named in enumeration_schemas().items():
        if schema.get("enum") == named["enum"]:
            return {**component(name), **{key: value for key, value in schema.items() if key not in ("enum", "type")}}
    return schema

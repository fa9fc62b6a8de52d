"""What can go wrong at a call.

An answer that never comes stands for a lost request, a lost response, a 5xx and a timeout alike: the outcome is unknown
to the caller, and the request arrives at once, later, or never. That the process dies, that its clock is wrong, and
that the SDK asks again after a lost answer, or after a first try that arrives later, are faults of any process and are
made in `steps` and `state_space`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from paylatch.domain.errors import (
    EventNotPublished,
    Misconfigured,
    OutcomeUnknown,
    PaylatchError,
    Refused,
    StoreUnavailable,
    Transient,
)
from tests.model_checker.actors import ORDER
from tests.model_checker.scripted_ports import Raised
from tests.model_checker.simulated_gateway import NAME


@dataclass(frozen=True, slots=True)
class CallFault:
    """`arrives_later`: the request is still on its way. `only_unknown`: only for a session that does
    not exist yet. `rare`: it differs from another in name alone, for most use cases."""

    name: str
    answer: Raised | Mapping[str, PaylatchError]
    arrives_later: bool = False
    only_unknown: bool = False
    rare: bool = False


_OUTAGE = Raised(lambda: StoreUnavailable("no answer"))
_SILENT_READ = CallFault("gets no answer from the database", _OUTAGE)
_SILENT_WRITE = CallFault("gets no answer from the database", _OUTAGE, arrives_later=True)
_SILENT_BUS = CallFault("gets no answer from the bus", _OUTAGE)
# Each call is of one event: an order has at most one in a request.
_UNPROCESSED = CallFault("is left unprocessed by the database", {ORDER: StoreUnavailable("unprocessed")})
_NOT_TAKEN = CallFault("is not taken by the bus", {ORDER: EventNotPublished("throttled")})
_TRANSIENT = CallFault("is refused by the gateway for now", Raised(lambda: Transient(NAME, "busy")))
_SILENT_GATEWAY = CallFault(
    "gets no answer from the gateway", Raised(lambda: OutcomeUnknown(NAME, "timeout")), arrives_later=True
)
_SILENT_QUERY = CallFault("gets no answer from the gateway", Raised(lambda: OutcomeUnknown(NAME, "timeout")))
_MISCONFIGURED = CallFault(
    "is not known to the gateway any more", Raised(lambda: Misconfigured(NAME, "wrong key")), rare=True
)
_REFUSED = CallFault("is refused by the gateway", Raised(lambda: Refused(NAME, "no")), rare=True)
_REFUSED_OPENING = CallFault("is refused by the gateway", Raised(lambda: Refused(NAME, "no")), only_unknown=True)

FAULTS: dict[str, tuple[CallFault, ...]] = {
    "apply": (_SILENT_WRITE,),
    "put_content": (_SILENT_WRITE,),
    "remove_content": (_SILENT_READ,),
    "content_ids": (_SILENT_READ,),
    "read_head": (_SILENT_READ,),
    "is_retired": (_SILENT_READ,),
    "read_heads": (_SILENT_READ,),
    "read_content": (_SILENT_READ,),
    "read_contents": (_SILENT_READ,),
    "due": (_SILENT_READ,),
    "read_history": (_SILENT_READ,),
    "record_events": (_SILENT_WRITE, _UNPROCESSED),
    "publish": (_SILENT_BUS, _NOT_TAKEN),
    # These two are made by AWS on the consumer's behalf.
    "read_stream": (),
    "checkpoint": (),
    "open": (_TRANSIENT, _SILENT_GATEWAY, _MISCONFIGURED, _REFUSED_OPENING),
    "void": (_TRANSIENT, _SILENT_GATEWAY, _MISCONFIGURED, _REFUSED),
    "query": (_TRANSIENT, _SILENT_QUERY),
    "query_payment": (_TRANSIENT, _SILENT_QUERY),
    "refund": (_TRANSIENT, _SILENT_GATEWAY, _MISCONFIGURED, _REFUSED),
    "query_refund": (_TRANSIENT, _SILENT_QUERY),
}

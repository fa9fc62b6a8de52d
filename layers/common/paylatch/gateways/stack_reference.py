"""The owner of a payment: every payment names the stack that requested it, beside the attempt.

Stacks and shops on one gateway account receive each other's callbacks. Where a gateway stores metadata, the stack's
name is there. Where it returns the merchant's reference alone, a code of the name follows the attempt id.
"""

from collections.abc import Callable

from paylatch.domain.ids import ATTEMPT_SUFFIX_LENGTH, ORDER_ID_LENGTH, stack_code
from paylatch.domain.statement import Owner
from paylatch.gateways import fields
from paylatch.gateways.fields import Document
from paylatch.ports import FoundAttempt

_ATTEMPT_ID_LENGTH = ORDER_ID_LENGTH + 1 + ATTEMPT_SUFFIX_LENGTH
_LONGEST_NAME = 128


class NotOurs(ValueError):
    """The payment belongs to another stack or shop; the message gives the evidence."""


def merchant_reference(attempt_id: str, stack: str) -> str:
    """The reference of an attempt's payment: 32 characters of `[0-9A-Z_]`, different for each stack."""
    return f"{attempt_id}_{stack_code(stack)}"


def read_reference(reference: object, stack: str) -> FoundAttempt:
    """The attempt that a merchant reference names. Raises `NotOurs`."""
    text = reference if isinstance(reference, str) else ""
    attempt_id, code = text[:_ATTEMPT_ID_LENGTH], text[_ATTEMPT_ID_LENGTH:]
    if fields.attempt_id(attempt_id) is None:
        raise NotOurs("its reference is no attempt id")
    if code not in ("", f"_{stack_code(stack)}"):
        raise NotOurs("its reference is another stack's")
    return FoundAttempt(attempt_id, stack_named=bool(code))


def read_names(attempt_id: object, named: object, stack: str) -> FoundAttempt:
    """The attempt of a payment that stores attempt id and stack separately. Raises `NotOurs`."""
    if named and named != stack:
        raise NotOurs(f"it names the stack {str(named)[:_LONGEST_NAME]}")
    found = fields.attempt_id(attempt_id)
    if found is None:
        raise NotOurs("it names no attempt")
    return FoundAttempt(found, stack_named=bool(named))


def owner_by(attempt_of: Callable[[Document, str], FoundAttempt], document: Document, stack: str) -> Owner:
    """The owner of a listed payment; `attempt_of` reads its attempt, and raises `NotOurs`."""
    try:
        found = attempt_of(document, stack)
    except NotOurs as foreign:
        return Owner(foreign=str(foreign))
    return Owner(found.attempt_id, found.stack_named)

"""Ids that a retried request finds again, because they are derived from the caller's Idempotency-Key."""

import re
from hashlib import sha256

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ORDER_ID_LENGTH = 16
ATTEMPT_SUFFIX_LENGTH = 8
REFUND_SUFFIX_LENGTH = 12
STACK_CODE_LENGTH = 6
# The name of a stack that was given none, as on a developer's machine.
DEFAULT_STACK = "paylatch"
_ORDER_ID = re.compile(rf"[{CROCKFORD}]{{{ORDER_ID_LENGTH}}}")
_REFUND_ID = re.compile(rf"[{CROCKFORD}]{{{ORDER_ID_LENGTH}}}_R[{CROCKFORD}]{{{REFUND_SUFFIX_LENGTH}}}")
_ATTEMPT_ID = re.compile(rf"[{CROCKFORD}]{{{ORDER_ID_LENGTH}}}_[{CROCKFORD}]{{{ATTEMPT_SUFFIX_LENGTH}}}")


def derived_order_id(subject: str, idempotency_key: str) -> str:
    """The id of the order that this caller creates with this key."""
    return _digest(ORDER_ID_LENGTH, "order", subject, idempotency_key)


def derived_attempt_id(order_id: str, subject: str, idempotency_key: str) -> str:
    """The id of the attempt that this caller makes for that order with this key; at most 32 characters."""
    return f"{order_id}_{_digest(ATTEMPT_SUFFIX_LENGTH, 'attempt', order_id, subject, idempotency_key)}"


def derived_refund_id(attempt_id: str, payment_id: str) -> str:
    """The id of the refund of that captured payment, and its idempotency key at the gateway.

    30 characters of `[0-9A-Z_]`: it fits into a path and into every gateway's field, whatever the gateway calls the
    payment. It begins with the order's id.
    """
    return f"{attempt_id[:ORDER_ID_LENGTH]}_R{_digest(REFUND_SUFFIX_LENGTH, 'refund', attempt_id, payment_id)}"


def attempt_suffix(attempt_id: str) -> str:
    """What is an attempt's own of its id: the characters after its order's id."""
    return attempt_id.rpartition("_")[2]


def attempt_id_with(order_id: str, suffix: str) -> str:
    """The id of that order's attempt with this suffix."""
    return f"{order_id}_{suffix}"


def is_refund_id(text: str) -> bool:
    """Whether this could be the id of a refund of ours."""
    return _REFUND_ID.fullmatch(text) is not None


def stack_code(stack: str) -> str:
    """Six characters that stand for a stack's name where a gateway's field takes no more than a reference."""
    return _digest(STACK_CODE_LENGTH, "stack", stack)


def fingerprint_of(*request: str) -> str:
    """Tells whether two requests with one key ask for the same; by all that they ask for, each as text."""
    return _digest(12, "request", *request)


def is_order_id(text: str) -> bool:
    """Whether this could be an order's id."""
    return _ORDER_ID.fullmatch(text) is not None


def order_id_of(attempt_id: str) -> str | None:
    """The order that an attempt belongs to; None where the text is no attempt id of ours."""
    return attempt_id[:ORDER_ID_LENGTH] if _ATTEMPT_ID.fullmatch(attempt_id) else None


def _digest(length: int, *parts: str) -> str:
    # Each part carries its length: no two lists of parts read the same.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    number = int.from_bytes(sha256(text.encode()).digest()) >> 1
    return "".join(CROCKFORD[(number >> (5 * place)) & 31] for place in range(length))

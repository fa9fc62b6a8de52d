"""Ids and names: their forms, and ids derived from the caller's Idempotency-Key, so that a retry finds its record."""

import re
from hashlib import sha256

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ORDER_ID_LENGTH = 16
CONTENT_ID_LENGTH = 16
ATTEMPT_SUFFIX_LENGTH = 8
REFUND_SUFFIX_LENGTH = 12
STACK_CODE_LENGTH = 6
WRITE_ID_LENGTH = 16
# Random, of 130 bits: anybody who has a payment link can pay.
LINK_ID_LENGTH = 26
# The stack name where none is configured, as on a developer's machine.
DEFAULT_STACK = "paylatch"
ORDER_ID_PATTERN = f"[{CROCKFORD}]{{{ORDER_ID_LENGTH}}}"
ATTEMPT_ID_PATTERN = f"{ORDER_ID_PATTERN}_[{CROCKFORD}]{{{ATTEMPT_SUFFIX_LENGTH}}}"
REFUND_ID_PATTERN = f"{ORDER_ID_PATTERN}_R[{CROCKFORD}]{{{REFUND_SUFFIX_LENGTH}}}"
LINK_ID_PATTERN = f"[{CROCKFORD}]{{{LINK_ID_LENGTH}}}"
GATEWAY_NAME_PATTERN = "[a-z0-9_]{1,32}"


def derived_order_id(subject: str, idempotency_key: str) -> str:
    """The id of the order that this caller creates with this key."""
    return _digest(ORDER_ID_LENGTH, "order", subject, idempotency_key)


def referenced_order_id(seller_id: str, reference: str) -> str:
    """The id of the one order of this seller that claims this reference."""
    return _digest(ORDER_ID_LENGTH, "reference", seller_id, reference)


def derived_content_id(order_id: str, fingerprint: str, content: str) -> str:
    """The id of the content, given as a text, that a request with this fingerprint creates this order with.

    A fingerprint is short. The text in the id keeps two requests whose fingerprints collide from sharing a content.
    """
    return _digest(CONTENT_ID_LENGTH, "content", order_id, fingerprint, content)


def derived_attempt_id(order_id: str, subject: str, idempotency_key: str) -> str:
    """The id of the attempt that this caller starts for that order with this key: at most 32 characters."""
    return f"{order_id}_{_digest(ATTEMPT_SUFFIX_LENGTH, 'attempt', order_id, subject, idempotency_key)}"


def derived_manual_attempt_id(order_id: str, revision: int) -> str:
    """The id of the attempt by which a person settles that revision of the order, without a gateway."""
    return f"{order_id}_{_digest(ATTEMPT_SUFFIX_LENGTH, 'manual', order_id, str(revision))}"


def derived_refund_id(attempt_id: str, payment_id: str) -> str:
    """The id of a captured payment's refund, also its idempotency key at the gateway.

    30 characters of `[0-9A-Z_]`, beginning with the order's id: valid in a URL path and in every gateway's field,
    whatever the gateway's payment ids look like.
    """
    return f"{attempt_id[:ORDER_ID_LENGTH]}_R{_digest(REFUND_SUFFIX_LENGTH, 'refund', attempt_id, payment_id)}"


def requested_refund_id(order_id: str, idempotency_key: str) -> str:
    """The id of the refund of that order that the shop requests with this key, of the form of `derived_refund_id`.

    It does not depend on the caller: money is not refunded twice because the request was repeated by another one.
    """
    return f"{order_id}_R{_digest(REFUND_SUFFIX_LENGTH, 'requested refund', order_id, idempotency_key)}"


def attempt_suffix(attempt_id: str) -> str:
    """The part of an attempt's id after its order's id."""
    return attempt_id.rpartition("_")[2]


def attempt_id_with(order_id: str, suffix: str) -> str:
    """The id of that order's attempt with this suffix."""
    return f"{order_id}_{suffix}"


def is_refund_id(text: str) -> bool:
    """Whether the text has the form of a refund id."""
    return re.fullmatch(REFUND_ID_PATTERN, text) is not None


def stack_code(stack: str) -> str:
    """A six-character code for a stack's name.

    For gateways whose payments carry a merchant reference and no metadata.
    """
    return _digest(STACK_CODE_LENGTH, "stack", stack)


def fingerprint_of(*request: str) -> str:
    """A hash of everything that a request asks for, each part as text.

    Equal for two requests with one Idempotency-Key that ask for the same.
    """
    return _digest(12, "request", *request)


def is_order_id(text: str) -> bool:
    """Whether the text has the form of an order id."""
    return re.fullmatch(ORDER_ID_PATTERN, text) is not None


def order_id_of(attempt_id: str) -> str | None:
    """The order that an attempt belongs to; None where the text is not an attempt id."""
    return attempt_id[:ORDER_ID_LENGTH] if re.fullmatch(ATTEMPT_ID_PATTERN, attempt_id) else None


def _digest(length: int, *parts: str) -> str:
    # Each part carries its length, so that different lists of parts never give the same text.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    number = int.from_bytes(sha256(text.encode()).digest()) >> 1
    return "".join(CROCKFORD[(number >> (5 * place)) & 31] for place in range(length))

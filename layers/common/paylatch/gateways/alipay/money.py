"""Exact conversion between Alipay's decimal yuan and minor units."""

import re

from paylatch.gateways.fields import Document, Malformed

CURRENCY = "CNY"

_YUAN = r"([0-9]{1,12})(?:\.([0-9]{1,2}))?"


def to_yuan(fen: int) -> str:
    """An amount in fen as Alipay's decimal yuan."""
    return f"{fen // 100}.{fen % 100:02d}"


def from_yuan(document: Document, name: str) -> int:
    """The amount in that field, in fen; computed without floats. Raises `Malformed`."""
    value = document.get(name)
    match = re.fullmatch(_YUAN, value) if isinstance(value, str) else None
    if match is None:
        raise Malformed(f"{name} is not an amount in yuan")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))

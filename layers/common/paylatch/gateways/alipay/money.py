"""Alipay's decimal yuan against minor units, exactly."""

import re

from paylatch.gateways.fields import Document, Malformed

CURRENCY = "CNY"

_YUAN = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?")


def to_yuan(fen: int) -> str:
    """An amount as Alipay writes it."""
    return f"{fen // 100}.{fen % 100:02d}"


def from_yuan(document: Document, name: str) -> int:
    """The amount in that field, in fen; never through a float."""
    value = document.get(name)
    match = _YUAN.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Malformed(f"{name} is not an amount in yuan")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))

"""The change instruction of the source document: why a locked order is to be unlocked."""

from enum import StrEnum


class Instruction(StrEnum):
    """`TIMED_OUT` and `CANCELLED` are the document's two sub-units; `DECLINED` is a gateway's final no."""

    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    DECLINED = "declined"

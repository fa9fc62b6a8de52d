"""Tokens that count instead of being random: the same in every run, and never the same twice."""

from itertools import count

from paylatch.domain.ids import CROCKFORD


class SequentialIdGenerator:
    """Implements `IdGenerator`."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def new_id(self, length: int) -> str:
        number = next(self._numbers)
        return "".join(CROCKFORD[(number >> (5 * place)) & 31] for place in reversed(range(length)))

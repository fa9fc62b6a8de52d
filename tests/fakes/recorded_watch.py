"""A watch that remembers what it was told."""

from paylatch.ports import Metric


class RecordedWatch:
    """Implements `Watch`."""

    def __init__(self) -> None:
        self.counted: list[tuple[Metric, int, dict[str, str | int]]] = []

    def count(self, metric: Metric, value: int = 1, **details: str | int) -> None:
        self.counted.append((metric, value, details))

    def times(self, metric: Metric) -> int:
        return sum(1 for counted, _, _ in self.counted if counted is metric)

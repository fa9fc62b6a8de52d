"""What the model checker and the closure report: an invariant that does not hold, and where."""


class InvariantViolated(Exception):
    """A violated invariant: `invariant` names it, `what` describes the violation, `state` is where, if known."""

    def __init__(self, invariant: str, what: str) -> None:
        super().__init__(invariant, what)
        self.invariant = invariant
        self.what = what
        self.state: object = None

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}"


def expect(holds: bool, invariant: str, what: str) -> None:
    """Raise `InvariantViolated` unless it holds."""
    if not holds:
        raise InvariantViolated(invariant, what)

"""Gateways whose adapters are made once in a run, so that the gateway's rate treats the run as one piece of work."""

from paylatch.ports import Gateway, Gateways, ReleasePolicy


class GatewaysOfOneRun:
    """Implements `Gateways` around the real ones.

    A paced gateway postpones the first call of a piece of work, and has the later ones wait. Reconciliation is one
    piece of work, and so is an order of a group that an operator acts on: were each call the first of another, a slow
    rate would postpone them for ever.
    """

    def __init__(self, gateways: Gateways) -> None:
        self.default = gateways.default
        self._gateways = gateways
        self._named: dict[str, Gateway] = {}

    def takes_payments(self, name: str) -> bool:
        """The answer of the real gateways."""
        return self._gateways.takes_payments(name)

    def policy(self, name: str) -> ReleasePolicy:
        """The answer of the real gateways."""
        return self._gateways.policy(name)

    def named(self, name: str) -> Gateway:
        """The real gateway, the same one each time."""
        if name not in self._named:
            self._named[name] = self._gateways.named(name)
        return self._named[name]

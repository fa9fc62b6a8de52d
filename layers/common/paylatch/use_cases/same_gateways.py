"""The gateways during one piece of work: however many calls it makes, its gateway is looked up once."""

from dataclasses import dataclass, field

from paylatch.ports import Gateway, Gateways, ReleasePolicy


@dataclass(slots=True)
class SameGateways:
    """Implements `Gateways` around others, of which each gateway is asked for once.

    What keeps a gateway's rate may postpone the first call of such a gateway, and lets the others go on.
    """

    gateways: Gateways
    default: str = ""
    _found: dict[str, Gateway] = field(default_factory=dict)

    def takes_payments(self, name: str) -> bool:
        """The answer of the real gateways."""
        return self.gateways.takes_payments(name)

    def named(self, name: str) -> Gateway:
        """The same adapter each time."""
        if name not in self._found:
            self._found[name] = self.gateways.named(name)
        return self._found[name]

    def policy(self, name: str) -> ReleasePolicy:
        """The answer of the real gateways."""
        return self.gateways.policy(name)

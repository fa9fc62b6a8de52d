"""The gateways of a stack, as a test chooses them."""

from collections.abc import Mapping

from paylatch.domain.errors import Misconfigured
from paylatch.ports import Gateway, ReleasePolicy


class FixedGateways:
    """Implements `Gateways`; the first one is the default."""

    def __init__(self, gateways: Mapping[str, Gateway]) -> None:
        self.default = next(iter(gateways))
        self.made = dict(gateways)
        self.retired: set[str] = set()
        self.policies: dict[str, ReleasePolicy] = {}

    def takes_payments(self, name: str) -> bool:
        return name in self.made and name not in self.retired

    def named(self, name: str) -> Gateway:
        if name not in self.made:
            raise Misconfigured(name, "this stack is not configured for it")
        return self.made[name]

    def policy(self, name: str) -> ReleasePolicy:
        return self.policies.get(name, ReleasePolicy.FENCED)

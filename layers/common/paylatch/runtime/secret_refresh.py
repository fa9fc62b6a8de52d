"""A gateway whose secret is read again soon after a call raised `Misconfigured`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from paylatch.domain.errors import Misconfigured
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.ports import Gateway


@dataclass(frozen=True, slots=True)
class SecretRefreshingGateway:
    """Implements `Gateway` around a real one; calls `refresh_soon` on each `Misconfigured`."""

    gateway: Gateway
    refresh_soon: Callable[[], None]

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.gateway, name)
        return self._refreshing(attribute) if callable(attribute) else attribute

    def _refreshing(self, call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        def refreshing(*subject: Any) -> Any:
            try:
                return call(*subject)
            except Misconfigured:
                self.refresh_soon()
                raise

        return refreshing

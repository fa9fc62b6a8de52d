"""The amounts that a gateway takes, as far as its adapter declares them: checked before an order is locked."""

from collections.abc import Mapping

from paylatch.domain.frozen_dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountRules:
    """Currencies are ISO 4217 codes, amounts minor units.

    `currencies`: those that the gateway takes, None where that depends on the account. `steps`: amounts in such a
    currency must be multiples of that number. There is no rule for the smallest charge, which depends on the account's
    own currency.
    """

    currencies: frozenset[str] | None
    steps: Mapping[str, int]

    def faults_of(self, total: int, currency: str) -> dict[str, str]:
        """The faults of an order's amount at this gateway, by the order's field; empty where it takes the amount."""
        if self.currencies is not None and currency not in self.currencies:
            return {"currency": f"must be {' or '.join(sorted(self.currencies))}, and is {currency}"}
        if total % self.steps.get(currency, 1):
            return {"total": f"must be a multiple of {self.steps[currency]} minor units in {currency}, and is {total}"}
        return {}

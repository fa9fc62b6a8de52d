"""Whether this stack sends payers back to an address."""

from paylatch.domain.errors import InvalidRequest
from paylatch.domain.return_address import leads_to
from paylatch.ports import Rules


def refuse_return_address(address: str, rules: Rules) -> None:
    """Raise `InvalidRequest` for a `return_url` to which these rules send no payer."""
    if rules.return_by_https and not address.startswith("https:"):
        raise InvalidRequest({"return_url": "must be an https URL here"})
    if not leads_to(rules.return_origins, address):
        raise InvalidRequest({"return_url": "must be at one of the origins that this stack sends payers back to"})

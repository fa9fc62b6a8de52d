"""The order desk writes and reads sums with the decimal places that the API gives them."""

import re
from pathlib import Path

from paylatch.domain.currencies import CURRENCIES

MONEY = Path(__file__).parents[2] / "web" / "src" / "money.ts"


def _codes(name: str) -> set[str]:
    found = re.search(rf"const {name} = '([A-Z ]+)';", MONEY.read_text(encoding="utf-8"))
    assert found, name
    return set(found[1].split())


def test_the_desk_knows_each_currency_without_two_decimal_places() -> None:
    of_the_api = {places: {code for code, known in CURRENCIES.items() if known == places} for places in (0, 3)}

    assert {0: _codes("NO_PLACES"), 3: _codes("THREE_PLACES")} == of_the_api


def test_every_other_currency_has_two() -> None:
    assert {*CURRENCIES.values()} == {0, 2, 3}

"""Languages: the texts of a page, and how a language writes sums and instants. One file in `locales` for each."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from paylatch.domain.currencies import CURRENCIES
from paylatch.domain.frozen_dataclass import dataclass

_FOLDER = Path(__file__).parent / "locales"
DEFAULT_LANGUAGE = "en"
_MOST_RANGES = 20
# RFC 9110, 12.4.2. `float` alone would take `nan`, which leaves the ranges unsorted, and `inf`.
_QVALUE = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
_NO_BREAK = "\u00a0"
_MINUS = "\u2212"


@dataclass(frozen=True, slots=True, kw_only=True)
class Locale:
    """A language. `tag` is the BCP 47 tag of its texts, `direction` is `ltr` or `rtl`."""

    tag: str
    direction: str
    decimal: str
    group: str
    money: str
    instant: str
    months: str
    texts: Mapping[str, str]

    def sum_text(self, amount: int, currency: str) -> str:
        """The sum, given in minor units, with the currency's decimals and its code, on one line."""
        places = CURRENCIES.get(currency, 2)
        whole, part = divmod(abs(amount), 10**places)
        digits = self.number_text(whole) + (f"{self.decimal}{part:0{places}d}" if places else "")
        text = self.money.format(currency=currency, amount=f"{_MINUS if amount < 0 else ''}{digits}")
        return text.replace(" ", _NO_BREAK)

    def number_text(self, number: int) -> str:
        """The whole number with its groups of digits."""
        return f"{number:,}".replace(",", self.group)

    def instant_text(self, instant: datetime) -> str:
        """The instant in UTC, to the minute."""
        at = instant.astimezone(UTC)
        month = self.months.split()[at.month - 1]
        return self.instant.format(year=at.year, month=month, day=at.day, time=f"{at:%H:%M}")


@cache
def locales() -> Mapping[str, Locale]:
    """Every language, by the name of its file."""
    return {path.stem: Locale(**json.loads(path.read_text("utf-8"))) for path in sorted(_FOLDER.glob("*.json"))}


def locale_for(order_locale: str | None, accept_language: str | None) -> Locale:
    """The language of a page: the order's `locale`, else the reader's `Accept-Language`, else English.

    Each is matched by its primary language; what is not a tag, or has no texts, is passed over.
    """
    known = locales()
    wanted = [order_locale or "", *_preferred(accept_language or "")]
    found = (known[language] for language in map(_primary, wanted) if language in known)
    return next(found, known[DEFAULT_LANGUAGE])


def _primary(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].strip().lower()


def _preferred(accept_language: str) -> Iterator[str]:
    ranges = [part.partition(";") for part in accept_language.split(",")[:_MOST_RANGES]]
    weighed = [(_weight(parameter), tag) for tag, _, parameter in ranges]
    return (tag for weight, tag in sorted(weighed, key=lambda pair: -pair[0]) if weight > 0)


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    value = value.strip()
    return float(value) if _QVALUE.fullmatch(value) else 0.0

"""Quantities in a page's text: spans of time, sizes, and so many of something."""

import re
from collections.abc import Iterator
from datetime import timedelta

WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NUMBERS = {word: number for number, word in enumerate(WORDS, 1)} | {"fifteen": 15, "twenty": 20}
UNITS = {
    "s": timedelta(seconds=1),
    "second": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "minute": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
NOUNS = (
    "answer",
    "attempt",
    "callback",
    "character",
    "failure",
    "fault",
    "finding",
    "level",
    "order",
    "refund",
    "time",
    "try",
)
_NUMBER = rf"(?:[0-9]+(?:\.[0-9]+)?|{'|'.join(NUMBERS)})"
_SPAN = re.compile(rf"\b({_NUMBER})[ \n-](?:more )?({'|'.join(UNITS)})s?\b(?: ([0-9]+) min\b)?", re.IGNORECASE)
_COUNT = re.compile(rf"\b({_NUMBER}) (?:payment )?`?({'|'.join(NOUNS)})(?:s|es)?`?(?![\w-])", re.IGNORECASE)
_SIZE = re.compile(r"\b([0-9]+) (KB|MB)\b")
_SHARE = re.compile(rf"\b({_NUMBER}) of ({_NUMBER}) minutes", re.IGNORECASE)
# Whole phrases: "a minute" is mostly no number.
PHRASES = {"a quarter of an hour": timedelta(minutes=15), "an hour": timedelta(hours=1), "a day": timedelta(days=1)}
Quantity = timedelta | str


def quantities(text: str) -> Iterator[Quantity]:
    """Each quantity that the text names: a `timedelta`, or text such as "100 order", "64 KB", "3 of 5"."""
    for phrase, span in PHRASES.items():
        if phrase in text:
            yield span
        text = text.replace(phrase, "")
    for number, unit, minutes in _SPAN.findall(text):
        yield _value(number) * UNITS[unit.lower()] + timedelta(minutes=int(minutes or 0))
    yield from (f"{_value(number):g} {noun.lower()}" for number, noun in _COUNT.findall(text) if _value(number) > 1)
    yield from (f"{number} {unit}" for number, unit in _SIZE.findall(text))
    yield from (f"{_value(some):g} of {_value(all_):g}" for some, all_ in _SHARE.findall(text))


def blocks(page: str) -> list[str]:
    """A page's paragraphs, entries of lists and rows of tables, each in one line, without the code between them."""
    page = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
    return [" ".join(block.split()) for block in re.split(r"\n\s*\n|\n(?=\||- |[0-9]+\. )", page) if block.strip()]


def _value(number: str) -> float:
    return NUMBERS[number.lower()] if number.lower() in NUMBERS else float(number)

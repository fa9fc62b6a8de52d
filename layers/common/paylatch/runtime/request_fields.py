"""The types of single values in requests, each with its limits and the message for what it refuses."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, JsonValue

from paylatch.domain.currencies import CURRENCIES
from paylatch.domain.cursors import LONGEST_CURSOR
from paylatch.domain.ids import GATEWAY_NAME_PATTERN
from paylatch.domain.manual_settlement import ManualMethod
from paylatch.domain.order import BuyerRight, LineKind
from paylatch.domain.payment import Resolution
from paylatch.domain.refund_request import LONGEST_REFUND_REASON
from paylatch.domain.return_address import ADDRESS_PATTERN, LONGEST_ADDRESS, fault_in_address
from paylatch.runtime.text_rules import (
    EMAIL_PATTERN,
    LINE_PATTERN,
    LOCALE_PATTERN,
    NOTE_PATTERN,
    email_address,
    language_tag,
    line_of_text,
    note_text,
)

LARGEST_QUANTITY = 1_000_000
LONGEST_CODE = 64
LONGEST_EMAIL = 254
LONGEST_LOCALE = 35
MOST_METADATA = 20
LONGEST_METADATA_NAME = 40
LONGEST_METADATA_TEXT = 500
# The validators' rules as patterns for the contract; the validators give messages in words.
_LINE: dict[str, JsonValue] = {"pattern": LINE_PATTERN}
_NOTE: dict[str, JsonValue] = {"pattern": NOTE_PATTERN}
_ADDRESS: dict[str, JsonValue] = {"pattern": ADDRESS_PATTERN}
_EMAIL: dict[str, JsonValue] = {"pattern": EMAIL_PATTERN}
_LOCALE: dict[str, JsonValue] = {"pattern": LOCALE_PATTERN}
_KIND: dict[str, JsonValue] = {"enum": [*LineKind]}
_METADATA: dict[str, JsonValue] = {
    "propertyNames": {"minLength": 1, "maxLength": LONGEST_METADATA_NAME, "pattern": LINE_PATTERN}
}
_METHOD: dict[str, JsonValue] = {"enum": [*ManualMethod]}
_ACTION: dict[str, JsonValue] = {"enum": [*Resolution]}
_RIGHT: dict[str, JsonValue] = {"enum": [*BuyerRight]}
_CURRENCY: dict[str, JsonValue] = {"enum": [*sorted(CURRENCIES)]}


def _return_address(text: str) -> str:
    if fault := fault_in_address(text):
        raise ValueError(fault)
    return text


def _line_kind(word: str) -> str:
    return _one_of(LineKind, word)


def _buyer_right(word: str) -> str:
    return _one_of(BuyerRight, word)


def _manual_method(word: str) -> str:
    return _one_of(ManualMethod, word)


def _resolution(word: str) -> str:
    return _one_of(Resolution, word)


def _in_order(rights: list[str] | None) -> list[str] | None:
    # A set: neither order nor repetitions distinguish two requests.
    return None if rights is None else [right for right in BuyerRight if right in rights]


def _none_if_empty(metadata: dict[str, str]) -> dict[str, str] | None:
    return metadata or None


def _one_of(words: type[StrEnum], word: str) -> str:
    if word not in {*words}:
        raise ValueError(f"must be one of {', '.join(words)}")
    return word


def _active_currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError("must be an ISO 4217 currency code")
    return code


_METADATA_MEANING = "The shop's own texts by name; Paylatch passes them to no gateway or subscriber"
_BUYER_MAY = (
    "What the buyer may edit. Without it: all of these where every line is an item with a price, else only the note"
)
Name = Annotated[str, Field(min_length=1, max_length=200, json_schema_extra=_LINE), AfterValidator(line_of_text)]
Code = Annotated[
    str, Field(min_length=1, max_length=LONGEST_CODE, json_schema_extra=_LINE), AfterValidator(line_of_text)
]
Note = Annotated[str, Field(max_length=2000, json_schema_extra=_NOTE), AfterValidator(note_text)]
Reason = Annotated[str, Field(min_length=1, max_length=500, json_schema_extra=_LINE), AfterValidator(line_of_text)]
GatewayName = Annotated[str, Field(pattern=f"^{GATEWAY_NAME_PATTERN}$")]
Day = Annotated[str, Field(json_schema_extra={"format": "date"}, description="A day in UTC, as in 2026-11-25")]
Again = Annotated[bool, Field(strict=True, description="Read lists again that are done")]
RefundReason = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_REFUND_REASON,
        json_schema_extra=_LINE,
        description="Shown to everybody who may read the order",
    ),
    AfterValidator(line_of_text),
]
Quantity = Annotated[int, Field(ge=1, le=LARGEST_QUANTITY)]
NextCursor = Annotated[
    str, Field(min_length=1, max_length=LONGEST_CURSOR, description="The `next_cursor` of the call before")
]
Email = Annotated[str, Field(max_length=LONGEST_EMAIL, json_schema_extra=_EMAIL), AfterValidator(email_address)]
Locale = Annotated[str, Field(max_length=LONGEST_LOCALE, json_schema_extra=_LOCALE), AfterValidator(language_tag)]
MetadataName = Annotated[str, Field(min_length=1, max_length=LONGEST_METADATA_NAME), AfterValidator(line_of_text)]
MetadataText = Annotated[
    str, Field(max_length=LONGEST_METADATA_TEXT, json_schema_extra=_NOTE), AfterValidator(note_text)
]
Metadata = Annotated[
    dict[MetadataName, MetadataText],
    Field(max_length=MOST_METADATA, json_schema_extra=_METADATA, description=_METADATA_MEANING),
    AfterValidator(_none_if_empty),
]
CurrencyCode = Annotated[str, Field(json_schema_extra=_CURRENCY), AfterValidator(_active_currency)]
Kind = Annotated[str, Field(json_schema_extra=_KIND), AfterValidator(_line_kind)]
Method = Annotated[str, Field(json_schema_extra=_METHOD), AfterValidator(_manual_method)]
Action = Annotated[str, Field(json_schema_extra=_ACTION), AfterValidator(_resolution)]
Right = Annotated[str, Field(json_schema_extra=_RIGHT), AfterValidator(_buyer_right)]
Rights = Annotated[
    list[Right] | None, Field(max_length=len(BuyerRight), description=_BUYER_MAY), AfterValidator(_in_order)
]
ReturnAddress = Annotated[
    str, Field(max_length=LONGEST_ADDRESS, json_schema_extra=_ADDRESS), AfterValidator(_return_address)
]

"""Text that people write: one rule, the same in code and in the published pattern, for every Unicode version."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi.document import document as openapi_document
from paylatch.domain.errors import InvalidRequest
from paylatch.runtime.request_models import OrderBody, ReasonBody, parsed
from tests.lambda_events import sample_body

SCHEMAS = openapi_document()["components"]["schemas"]
# The one-line text fields, by the schema.
LINES = [
    *(("NewOrder", name) for name in ("reference", "buyer_id", "seller_id")),
    *(("Line", name) for name in ("sku", "name")),
    *(("NewAddress", name) for name in ("recipient", "line1", "line2", "city", "region", "postal_code", "phone")),
    *(("Reason", "reason"), ("Resolution", "reason")),
]
NAMES = {
    "an ideographic space": "山田\u3000太郎",
    "a zero-width non-joiner": "श्री\u200cमती",
    "a zero-width joiner": "👩\u200d💻 Books",
    "a no-break space": "12\u00a0rue de la Paix",
    "a narrow no-break space": "N°\u202f7",
    "a right-to-left mark": "שלום\u200f (7)",
    "a left-to-right mark": "A\u200e1",
    "an Arabic letter mark": "\u061cعمر",
    "a variation selector": "❤\ufe0f",
    "a flag of tag characters": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "a soft hyphen": "Donau\u00addampf",
    "decomposed letters": "Zoe\u0308",
    "a letter that no Unicode version has yet": "\u0378",
    "a private letter": "\ue000",
    "one letter": "O",
}
REFUSED = {
    **{f"the control character {code:#04x}": f"a{chr(code)}b" for code in (*range(0x20), *range(0x7F, 0xA0))},
    **{
        f"the override or isolate {code:#x}": f"a{chr(code)}b"
        for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
    },
    "a lone surrogate": "a\ud800b",
    "a line feed at the end": "a\n",
}
BLANK = {
    **{
        f"{code:#x} alone": chr(code) * 2 for code in (0x20, 0xA0, 0xAD, 0x200B, 0x200F, 0x2028, 0x3000, 0x3164, 0xFEFF)
    },
    "tag characters alone": "\U000e0041",
    "blank Braille alone": "\u2800",
}
NOTE_ALSO = ("\n", "\t")
SPECIAL = st.sampled_from([text[1:-1] or text for text in (*REFUSED.values(), *NAMES.values()) if "\ud800" not in text])
TEXTS = st.lists(
    st.characters(exclude_categories=["Cs"]) | SPECIAL | st.sampled_from(sorted({*"".join(BLANK.values())})), max_size=6
).map("".join)


def property_of(schema: str, name: str) -> dict[str, Any]:
    found = SCHEMAS[schema]["properties"][name]
    return next(branch for branch in found.get("anyOf", [found]) if branch.get("type") == "string")


def published(schema: str, name: str, text: str) -> bool:
    """Whether the published pattern takes it, as JSON Schema reads patterns: `$` is the end and nothing else."""
    pattern = property_of(schema, name)["pattern"].removesuffix("$") + r"\Z"
    return re.search(pattern, text) is not None


def taken(**fields: str) -> bool:
    try:
        parsed(OrderBody, sample_body("order_create") | fields)
    except InvalidRequest:
        return False
    return True


@pytest.mark.parametrize("case", NAMES)
def test_names_of_the_whole_world_are_taken_as_they_are_written(case: str) -> None:
    body = parsed(OrderBody, sample_body("order_create") | {"reference": NAMES[case], "note": NAMES[case]})
    assert (body.reference, body.note) == (NAMES[case], NAMES[case])
    assert published("NewOrder", "reference", NAMES[case])


@pytest.mark.parametrize("case", REFUSED)
def test_control_characters_overrides_isolates_and_lone_surrogates_are_refused(case: str) -> None:
    assert not taken(reference=REFUSED[case])
    assert taken(note=REFUSED[case]) == any(mark in REFUSED[case] for mark in NOTE_ALSO)


@pytest.mark.parametrize("case", BLANK)
def test_a_line_of_text_must_hold_something_visible(case: str) -> None:
    assert not taken(reference=BLANK[case])
    with pytest.raises(InvalidRequest):
        parsed(ReasonBody, {"reason": BLANK[case]})


@given(TEXTS)
def test_the_code_takes_what_the_published_pattern_takes(text: str) -> None:
    if 1 <= len(text) <= 64:
        assert taken(reference=text) == published("NewOrder", "reference", text)
    assert taken(note=text) == published("OrderPatch", "note", text)


@pytest.mark.parametrize(("schema", "name"), LINES)
def test_every_line_of_text_follows_the_one_rule(schema: str, name: str) -> None:
    assert property_of(schema, name)["pattern"] == property_of("NewOrder", "reference")["pattern"]


def test_no_text_of_a_body_is_without_a_pattern_or_a_list_of_words() -> None:
    bodies = ("NewOrder", "Line", "NewAddress", "Reason", "Resolution", "PaymentRequest", "OrderPatch", "AddressPatch")
    loose = [
        (body, name)
        for body in bodies
        for name, schema in SCHEMAS[body]["properties"].items()
        for branch in schema.get("anyOf", [schema])
        if branch.get("type") == "string" and not {"pattern", "enum", "const"} & set(branch)
    ]
    assert loose == []

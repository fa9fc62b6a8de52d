"""The one rule for human-written text, in code and as the pattern that the contract publishes."""

import re
from collections.abc import Callable

# Lists of code points, not Unicode categories: Python and the client's validator may know different Unicode versions.
_CONTROL = ((0x00, 0x1F), (0x7F, 0x9F))
_TAB, _LINE_FEED = 0x09, 0x0A
# Embeddings, overrides and isolates reorder the text around them; the marks U+061C, U+200E and U+200F do not.
_BIDI = ((0x202A, 0x202E), (0x2066, 0x2069))
# White space, and characters that Unicode shows as nothing (Default_Ignorable_Code_Point); U+2800 is blank Braille.
_INVISIBLE = (
    *((0x20, 0x20), (0xA0, 0xA0), (0xAD, 0xAD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160)),
    *((0x1680, 0x1680), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2000, 0x200F), (0x2028, 0x2029), (0x202F, 0x202F)),
    *((0x205F, 0x2065), (0x206A, 0x206F), (0x2800, 0x2800), (0x3000, 0x3000), (0x3164, 0x3164), (0xFE00, 0xFE0F)),
    *((0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A)),
    *((0xE0000, 0xE0FFF),),
)


def _class_of(*ranges: tuple[int, int]) -> str:
    # Characters outside the first plane are written literally: JSON Schema's patterns have no common escape for them.
    return "".join(f"{_escaped(first)}-{_escaped(last)}" if first < last else _escaped(first) for first, last in ranges)


def _escaped(code_point: int) -> str:
    return f"\\u{code_point:04x}" if code_point <= 0xFFFF else chr(code_point)


def _pattern_of_line() -> str:
    refused, invisible = _class_of(*_CONTROL, *_BIDI), _class_of(*_INVISIBLE)
    return f"^[{invisible}]*[^{refused}{invisible}][^{refused}]*$"


def _pattern_of_note() -> str:
    control = ((0x00, _TAB - 1), (_LINE_FEED + 1, 0x1F), (0x7F, 0x9F))
    return f"^[^{_class_of(*control, *_BIDI)}]*$"


def _pattern_of_email() -> str:
    """A mailbox as people write it: no quotes, comments or addresses of machines; letters of every script."""
    unseen = _class_of(*_CONTROL, *_BIDI, *_INVISIBLE)
    atom = (
        f"[^{unseen}@.{_class_of((0x22, 0x22), (0x28, 0x29), (0x2C, 0x2C), (0x3A, 0x3C), (0x3E, 0x3E), (0x5B, 0x5D))}]+"
    )
    # Of ASCII a name of a host has letters, digits and hyphens, none of these at an end.
    others = _class_of((0x21, 0x2C), (0x2E, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E))
    label = f"[^{unseen}{others}-](?:[^{unseen}{others}]*[^{unseen}{others}-])?"
    # A domain that mail can reach ends in two letters or more, or in the ASCII form of such a name.
    last = f"(?:[^{unseen}{others}0-9-]{{2,}}|[xX][nN]--[A-Za-z0-9-]*[A-Za-z0-9])"
    return rf"^{atom}(?:\.{atom})*@(?:{label}\.)+{last}$"


# Surrogates are in neither set: JSON in UTF-8 cannot contain a lone one, and the body's model refuses an escaped one.
LINE_PATTERN = _pattern_of_line()
NOTE_PATTERN = _pattern_of_note()
EMAIL_PATTERN = _pattern_of_email()
# Language, script, region, as BCP 47 recommends to write them.
LOCALE_PATTERN = "^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"


def _follows(pattern: str, problem: str) -> Callable[[str], str]:
    # `\Z`, as Python's `$` also matches before a line feed at the end.
    whole = pattern.removesuffix("$") + r"\Z"

    def checked(text: str) -> str:
        if re.match(whole, text) is None:
            raise ValueError(problem)
        return text

    return checked


line_of_text = _follows(
    LINE_PATTERN, "must hold something visible, and no control or bidirectional override characters"
)
note_text = _follows(NOTE_PATTERN, "must hold no control (but tab and line feed) or bidirectional override characters")
email_address = _follows(EMAIL_PATTERN, "must be an e-mail address, as ada@example.com")
language_tag = _follows(LOCALE_PATTERN, "must be a language tag (BCP 47), as sv, pt-BR or zh-Hant-HK")

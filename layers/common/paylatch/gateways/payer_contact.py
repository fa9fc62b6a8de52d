"""What gateways are given of the payer: an e-mail address, and a language out of those that their pages have."""

# Norwegian has two written forms, and traditional Chinese is usually named by a place.
_CLOSE = {"no": "nb", "nn": "nb", "zh-Hant": "zh-TW"}


def ascii_email(email: str | None) -> str | None:
    """The address where it is ASCII; else None: a gateway would refuse the whole payment for another."""
    return email if email is not None and email.isascii() else None


def closest_language(locale: str | None, spoken: str) -> str | None:
    """The tag itself, one for the same place or script, or the language alone; None where the gateway's page has none.

    `locale` is a BCP 47 tag, `spoken` such tags with blanks between them.
    """
    if locale is None:
        return None
    known = frozenset(spoken.split())
    language, *parts = locale.split("-")
    tags = (locale, *(f"{language}-{part}" for part in reversed(parts)), language)
    return next((tag for each in tags for tag in (each, _CLOSE.get(each)) if tag in known), None)

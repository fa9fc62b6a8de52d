"""The title of an order at a gateway, for payers and ledgers: the shop's own reference."""

# The shortest of the gateways' fields takes 256 bytes, should a gateway count bytes.
LONGEST_TITLE = 250


def order_title(reference: str, refused: str = "") -> str:
    """The order's title, at most 250 bytes in UTF-8; a hyphen replaces each character that the field refuses."""
    title = f"Order {reference}".translate({ord(character): "-" for character in refused})
    text = title.encode()
    if len(text) <= LONGEST_TITLE:
        return title
    ellipsis = "…"
    return text[: LONGEST_TITLE - len(ellipsis.encode())].decode(errors="ignore") + ellipsis

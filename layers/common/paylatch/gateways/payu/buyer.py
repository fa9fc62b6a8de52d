"""What PayU is given of the buyer."""

from paylatch.gateways.fields import Document
from paylatch.gateways.payer_contact import ascii_email, closest_language

# The languages of PayU's page, as ISO 639-1 codes.
_SPOKEN = "bg cs de el en es hr hu it lt lv pl pt ro sk sl uk"


def buyer_of(email: str | None, locale: str | None) -> Document:
    """The order's `buyer`; nothing without an e-mail address, which PayU requires of one."""
    address = ascii_email(email)
    if address is None:
        return {}
    language = closest_language(locale, _SPOKEN)
    return {"buyer": {"email": address, **({"language": language} if language else {})}}

"""The origins of the pages to which gateways take payers, as a content security policy names them.

A browser blocks a form whose redirects lead elsewhere. A payer whose gateway's page is at no known origin gets there by
a link, which no policy stops.
"""

from collections.abc import Sequence

from paylatch.domain.return_address import origin_of
from paylatch.runtime.settings import Settings

_ORIGINS = {
    "stripe": ("https://*.stripe.com",),
    "alipay": ("https://*.alipay.com", "https://*.alipaydev.com"),
    "payu": ("https://*.payu.com",),
}


def gateway_origins(settings: Settings) -> tuple[str, ...]:
    """Those of the gateways that take payments here."""
    sandbox = (origin_of(settings.sandbox_url),) if settings.sandbox_url else ()
    known = {**_ORIGINS, "sandbox": sandbox}
    return tuple(origin for gateway in settings.gateways for origin in known.get(gateway, ()))


def is_among(origins: Sequence[str], url: str) -> bool:
    """Whether the URL is at one of these origins."""
    return any(_covers(origin, origin_of(url)) for origin in origins)


def _covers(source: str, origin: str) -> bool:
    scheme, anywhere, domain = source.partition("*")
    return origin.startswith(scheme) and origin.endswith(domain) if anywhere else origin == source

"""Where a webhook may go: a public address, which is looked up and checked at each send, and then connected to."""

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from paylatch.domain.frozen_dataclass import dataclass

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
PORTS = {"https": 443, "http": 80}
# An IPv4 address is in the last 32 bits (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")


class DestinationRefused(Exception):
    """No webhook goes there: the URL or an address of its host is not allowed, or the host has none."""


@dataclass(frozen=True, slots=True)
class Destination:
    """The address to connect to, and the host as the request names it."""

    scheme: str
    address: str
    port: int
    host: str
    host_header: str
    target: str


def resolved_addresses(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, by the system's resolver. Raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def destination_of(url: str, resolve: Resolve = resolved_addresses, *, local: bool = False) -> Destination:
    """The destination of that URL; with `local`, for development, http and this machine's own addresses too.

    Raises `DestinationRefused`, also where only one of several addresses is not public.
    """
    parts, port = _parts(url)
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise DestinationRefused("the URL has no host, or a user")
    # Other letters fit neither the header nor a certificate.
    if not parts.netloc.isascii():
        raise DestinationRefused("the URL's host has letters that are not ASCII: write it with xn--")
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise DestinationRefused("the URL is not https")
    addresses = _addresses(parts.hostname, port or PORTS[parts.scheme], resolve)
    for address in addresses:
        if not _is_public(address) and not (local and _unwrapped(address).is_loopback):
            raise DestinationRefused(f"{parts.hostname} has an address that is not public: {address}")
    target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    port = port or PORTS[parts.scheme]
    return Destination(parts.scheme, str(addresses[0]), port, parts.hostname, parts.netloc, target)


def _parts(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError as error:
        raise DestinationRefused(f"the URL is none: {error}") from error


def _addresses(host: str, port: int, resolve: Resolve) -> list[Address]:
    try:
        # A link-local address has its interface behind a percent sign.
        found = [ip_address(text.partition("%")[0]) for text in resolve(host, port)]
    except (OSError, ValueError) as error:
        raise DestinationRefused(f"{host} cannot be looked up: {error}") from error
    if not found:
        raise DestinationRefused(f"{host} has no address")
    return found


def _is_public(address: Address) -> bool:
    inner = _unwrapped(address)
    # Python takes the site-local addresses of earlier networks for global ones.
    is_site_local = isinstance(inner, IPv6Address) and inner.is_site_local
    return inner.is_global and not (inner.is_multicast or inner.is_reserved or is_site_local)


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address

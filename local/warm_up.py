"""Calls each HTTP function once, so that no first call has to wait for its start."""

import contextlib
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.request import Request

_ATTEMPT = "/orders/0000000000000000/payments/0000000000000000_00000000"
_TIMEOUT = 60.0


def warm_up(api_url: str, sandbox_url: str, token: str) -> None:
    """Make calls without effects: each asks for a record that does not exist."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(_call, _calls(api_url, sandbox_url, {"Authorization": f"Bearer {token}"})))


def _calls(api_url: str, sandbox_url: str, caller: dict[str, str]) -> Iterator[Request]:
    yield Request(f"{sandbox_url}/pay/nothing")
    yield Request(f"{api_url}/openapi.json")
    yield Request(f"{api_url}{_ATTEMPT}", headers=caller)
    yield Request(f"{api_url}{_ATTEMPT}/cancellation", headers=caller, method="POST")
    yield Request(f"{api_url}/operations/attention", headers=caller)
    yield Request(f"{api_url}/gateways/sandbox/callbacks", data=b"{}")


def _call(request: Request) -> None:
    with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(request, timeout=_TIMEOUT):
        pass

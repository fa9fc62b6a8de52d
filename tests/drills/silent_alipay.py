"""Alipay as a gateway that takes requests and never answers. Opening a payment there needs no request."""

import contextlib
from collections.abc import Iterator, Mapping

from tests.fakes.fake_alipay import APP_ID, SELLER_ID, key_pair
from tests.fakes.loopback_server import LoopbackServer, Reply


@contextlib.contextmanager
def silent_alipay() -> Iterator[LoopbackServer]:
    """Within this context, the server is silent; `asked` holds the requests that it got."""
    with LoopbackServer(lambda asked: Reply(503), at_once=True) as server:
        server.stalls = lambda asked: True
        yield server


def secret(gateway: LoopbackServer) -> Mapping[str, object]:
    """The secret of an account at that server."""
    return {
        "app_id": APP_ID,
        "private_key": key_pair("shop")[0],
        "alipay_public_keys": [key_pair("alipay")[1]],
        "seller_id": SELLER_ID,
        "gateway_url": f"{gateway.url}/gateway.do",
    }

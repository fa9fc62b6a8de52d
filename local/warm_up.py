"""Calls each HTTP function once, so that no first call has to wait for its start."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from local.api_client import ApiClient, ApiRequest, ApiResponse, HttpTransport, deliver_callback

_ORDER, _ATTEMPT = "0000000000000000", "0000000000000000_00000000"
_TIMEOUT = 60.0


def warm_up(api_url: str, sandbox_url: str, pages_url: str, token: str) -> None:
    """Make calls without effects: each asks for a record that does not exist. Raises `NoResponse`."""
    with ThreadPoolExecutor() as pool:
        for started in list(_started(pool, api_url, sandbox_url, pages_url, token)):
            started.result()


def _started(
    pool: ThreadPoolExecutor, api_url: str, sandbox_url: str, pages_url: str, token: str
) -> Iterator[Future[ApiResponse]]:
    send = HttpTransport(api_url, _TIMEOUT)
    operator = ApiClient(send, token)
    yield pool.submit(HttpTransport(sandbox_url, _TIMEOUT), ApiRequest("GET", "/pay/nothing", {}))
    yield pool.submit(HttpTransport(pages_url, _TIMEOUT), ApiRequest("GET", "/pay/nothing", {}))
    yield pool.submit(HttpTransport(pages_url, _TIMEOUT), ApiRequest("GET", "/desk/config.json", {}))
    yield pool.submit(operator.call, "GET", "/openapi.json")
    yield pool.submit(operator.read_payment, _ORDER, _ATTEMPT)
    yield pool.submit(operator.cancel_payment, _ORDER, _ATTEMPT)
    yield pool.submit(operator.list_attention)
    yield pool.submit(deliver_callback, send, "sandbox", {}, b"{}")

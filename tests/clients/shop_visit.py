"""A buyer in the example shop, and its warehouse: real pages, a real payment, real webhooks."""

import contextlib
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from examples.stock.stock import Receiver
from local import ports, tools
from local.api_client import ApiRequest, HttpTransport, NoResponse
from local.sandbox_client import pay_on_hosted_page
from tests.fakes.loopback_server import LoopbackServer, ReceivedRequest, Reply

SHOP = tools.ROOT / "examples" / "storefront" / "shop.py"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WITHIN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Shop:
    """The running example: its address, what it prints, and its warehouse."""

    url: str
    log: Path
    warehouse: Receiver

    def get(self, path: str) -> str:
        """A page, also behind a redirect. No browser keeps it, so that the way back from the gateway shows the lock."""
        response = HttpTransport(self.url)(ApiRequest("GET", path, {}))
        if response.status == 303:
            return self.get(response.headers["location"])
        response.expect(200)
        check(response.headers.get("cache-control"), "no-store")
        return str(response.body)

    def post(self, path: str, **form: str | int) -> str:
        """Press a button; where it leads."""
        body = urlencode({name.replace("_", "-"): value for name, value in form.items()}).encode()
        response = HttpTransport(self.url)(ApiRequest("POST", path, FORM, body))
        response.expect(303)
        return response.headers["location"]


@contextlib.contextmanager
def webhooks_for(receivers: list[str]) -> Iterator[str]:
    """The URL of a receiver that passes each webhook on to all of these; what one fails to take is sent again."""

    def pass_on(asked: ReceivedRequest) -> Reply:
        request = ApiRequest("POST", "/webhooks", {**asked.headers, "host": "127.0.0.1"}, asked.body)
        try:
            return Reply(max([204, *(HttpTransport(url)(request).status for url in receivers)]))
        except NoResponse:
            return Reply(503)

    with LoopbackServer(pass_on, at_once=True) as server:
        yield f"{server.url}/webhooks"


@contextlib.contextmanager
def running_shop(stack_file: Path, python: Path, folder: Path) -> Iterator[Shop]:
    """The shop in a process of its own, and its warehouse with ten packets of tea."""
    port, log = ports.claim(0, 0, 0).api, folder / "shop.log"
    with log.open("w") as output, Receiver(stack_file, folder / "stock.sqlite", 0) as warehouse:
        process = subprocess.Popen([python, SHOP, stack_file, str(port)], stdout=output, stderr=subprocess.STDOUT)
        threading.Thread(target=warehouse.serve_forever, daemon=True).start()
        warehouse.warehouse.put("tea-01", 10)
        try:
            wait_until(lambda: ports.listens(port), log)
            yield Shop(f"http://127.0.0.1:{port}", log, warehouse)
        finally:
            process.terminate()
            process.wait()
            warehouse.shutdown()


def visit(shop: Shop) -> None:
    """Order two packets, change to one while paying, pay, and see them shipped. Raises `AssertionError`."""
    path = order_two_packets(shop)
    begin_payment(shop, path)
    check(shop.post(f"{path}/change", tea_01=1, revision=1), path)
    check("12.50 EUR, pending_payment" in shop.get(path), True)
    back = pay_at_the_gateway(begin_payment(shop, path))
    wait_until(lambda: "12.50 EUR, paid" in shop.get(back.removeprefix(shop.url)), shop.log)
    wait_until(lambda: "<li>OrderPaid</li>" in shop.get(path), shop.log)
    wait_until(lambda: shop.warehouse.warehouse.levels() == {"tea-01": (9, 9)}, shop.log)
    check(shop.log.read_text().count(f"ship {path.rpartition('/')[2]}"), 1)


def order_two_packets(shop: Shop) -> str:
    """The path of the order's page; the button pressed twice places one order."""
    key = hidden("key", shop.get("/"))
    path = shop.post("/orders", key=key, tea_01=2, pot_01=0)
    check(shop.post("/orders", key=key, tea_01=2, pot_01=0), path)
    check("25.00 EUR, pending_payment" in shop.get(path), True)
    return urlsplit(path).path


def begin_payment(shop: Shop, path: str) -> str:
    """Where the gateway takes the payment."""
    page = shop.get(path)
    return shop.post(f"{path}/payment", revision=hidden("revision", page), key=hidden("key", page))


def pay_at_the_gateway(pay_url: str) -> str:
    """The link that leads back to the shop."""
    pay_on_hosted_page(pay_url).expect(303)
    address = urlsplit(pay_url)
    page = HttpTransport(f"{address.scheme}://{address.netloc}")(ApiRequest("GET", address.path, {}))
    links = [unescape(link) for link in re.findall('href="([^"]*)"', str(page.body))]
    return next(link for link in links if "/return?" in link)


def hidden(name: str, page: str) -> str:
    """The value of a page's hidden field."""
    found = re.search(f'name="{name}" value="([^"]*)"', page)
    if found is None:
        raise AssertionError(f"no field {name}: {page}")
    return found[1]


def check(found: object, wanted: object) -> None:
    """Raise `AssertionError` where the two differ."""
    if found != wanted:
        raise AssertionError(f"{found!r}, not {wanted!r}")


def wait_until(holds: Callable[[], bool], log: Path) -> None:
    """Return once it holds. Raises `AssertionError`, with what the shop printed, where it does not in time."""
    deadline = time.monotonic() + WITHIN_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(log.read_text())
        time.sleep(0.2)

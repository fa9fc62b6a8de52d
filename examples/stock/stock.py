"""A warehouse on Paylatch's webhooks: goods are held while their order is being paid, taken once it is paid, else free.

`python stock.py .local/stack.json stock.sqlite 8000`, while `make dev` runs; README.md has the steps and the reasons.
"""

import json
import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from standardwebhooks import Webhook, WebhookVerificationError

SCHEMA = """
CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, on_hand INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS orders (order_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS holds (order_id TEXT, sku TEXT, quantity INTEGER NOT NULL, PRIMARY KEY (order_id, sku));
"""
# What an order's status means for its goods; in every other status they are free.
STATES = {"in_payment": "held", "releasing": "held", "review": "held", "paid": "taken"}
LARGEST_BODY = 512 * 1024
Event = Mapping[str, Any]
Quantities = Mapping[str, int]
ReadLines = Callable[[str], Quantities]


class Warehouse:
    """The stock in one SQLite file. An order's goods follow the event with the highest `seq`, in whatever sequence
    the events come, and however often.
    """

    def __init__(self, file: Path, read_lines: ReadLines) -> None:
        self._file, self._read_lines = file, read_lines
        with closing(self._connection()) as connection:
            connection.executescript(SCHEMA)

    def receive(self, event: Event) -> None:
        """Act on an event, unless a later one of its order was acted on. Raises where nothing was changed."""
        order_id, state = event["order_id"], STATES.get(event["payment_status"], "free")
        with closing(self._connection()) as connection:
            if event["seq"] <= self._last(connection, order_id)[0]:
                return
        # A locked and a paid order cannot change: what is read is what is being paid, or a later event is on its way.
        quantities = self._read_lines(order_id) if state != "free" else {}
        with closing(self._connection()) as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            self._act(connection, event["seq"], order_id, state, quantities)

    def put(self, sku: str, quantity: int) -> None:
        """Goods come in: so many more are on hand."""
        with closing(self._connection()) as connection, connection:
            connection.execute(
                "INSERT INTO stock VALUES (?, ?) ON CONFLICT (sku) DO UPDATE SET on_hand = on_hand + excluded.on_hand",
                (sku, quantity),
            )

    def levels(self) -> dict[str, tuple[int, int]]:
        """By SKU: how many are on hand, and how many of them are free. Below zero, so many are missing."""
        with closing(self._connection()) as connection:
            rows = connection.execute(
                "SELECT sku, on_hand, on_hand - (SELECT COALESCE(SUM(quantity), 0) FROM holds h WHERE h.sku = s.sku)"
                " FROM stock s ORDER BY sku"
            )
            return {sku: (on_hand, free) for sku, on_hand, free in rows}

    def _act(self, connection: sqlite3.Connection, seq: int, order_id: str, state: str, quantities: Quantities) -> None:
        last_seq, last_state = self._last(connection, order_id)
        # Another event can have been faster; goods that were taken are on their way to the buyer.
        if seq <= last_seq or last_state == "taken":
            return
        connection.execute("INSERT OR REPLACE INTO orders VALUES (?, ?, ?)", (order_id, seq, state))
        connection.execute("DELETE FROM holds WHERE order_id = ?", (order_id,))
        for sku, quantity in quantities.items():
            connection.execute("INSERT OR IGNORE INTO stock VALUES (?, 0)", (sku,))
            if state == "held":
                connection.execute("INSERT INTO holds VALUES (?, ?, ?)", (order_id, sku, quantity))
            else:
                connection.execute("UPDATE stock SET on_hand = on_hand - ? WHERE sku = ?", (quantity, sku))

    def _last(self, connection: sqlite3.Connection, order_id: str) -> tuple[int, str]:
        row = connection.execute("SELECT seq, state FROM orders WHERE order_id = ?", (order_id,)).fetchone()
        return row or (0, "free")

    def _connection(self) -> sqlite3.Connection:
        # Transactions begin where they are written; a second writer waits.
        return sqlite3.connect(self._file, timeout=4, isolation_level=None)


class Receiver(ThreadingHTTPServer):
    """Takes webhooks at `/webhooks`, and shows the stock at `/`."""

    def __init__(self, stack_file: Path, database: Path, port: int) -> None:
        super().__init__(("127.0.0.1", port), Exchange)
        self._stack_file = stack_file
        self.warehouse = Warehouse(database, self._read_lines)

    def receive(self, headers: Mapping[str, str], body: bytes) -> None:
        """Act on a webhook. Raises `WebhookVerificationError` where it is not genuine."""
        self.warehouse.receive(_event_in(body, headers, Webhook(self._stack()["webhook_key"])))

    def _read_lines(self, order_id: str) -> Quantities:
        stack, quantities = self._stack(), dict[str, int]()
        headers = {"Authorization": f"Bearer {stack['tokens']['service']}"}
        with urlopen(Request(f"{stack['api_url']}/orders/{order_id}", headers=headers), timeout=5) as answer:
            for line in json.load(answer)["lines"]:
                # Shipping, taxes, discounts and fees are no goods.
                if line.get("kind", "item") == "item":
                    quantities[line["sku"]] = quantities.get(line["sku"], 0) + line["quantity"]
        return quantities

    def _stack(self) -> dict[str, Any]:
        # Read each time, because its tokens are renewed.
        found: dict[str, Any] = json.loads(self._stack_file.read_text())
        return found


def _event_in(body: bytes, headers: Mapping[str, str], webhook: Webhook) -> Event:
    try:
        event: Event = webhook.verify(body, dict(headers))["data"]
    except ValueError as error:
        # What the library raises for a forged header that has not even the form of one.
        raise WebhookVerificationError("a header has another form") from error
    return event


class Exchange(BaseHTTPRequestHandler):
    """One request."""

    server: Receiver

    def do_GET(self) -> None:
        self._answer(200, json.dumps(self.server.warehouse.levels()).encode())

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if self.path != "/webhooks":
            return self._answer(404)
        if not length.isdecimal() or len(length) > 9 or int(length) > LARGEST_BODY:
            return self._answer(413 if length.isdecimal() else 400)
        try:
            self.server.receive(dict(self.headers), self.rfile.read(int(length)))
        except WebhookVerificationError:
            return self._answer(400)
        except (OSError, sqlite3.Error) as error:
            # The order could not be read, or the stock not be written: Paylatch sends the event again.
            self.log_error("not acted on: %s", error)
            return self._answer(503)
        return self._answer(204)

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    with Receiver(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])) as receiver:
        receiver.serve_forever()

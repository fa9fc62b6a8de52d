"""A small shop on Paylatch: cart, payment, return page, change of an order that is being paid, events by webhook.

`python shop.py .local/stack.json 8000`, while `make dev` runs; README.md has the steps, and what a real shop adds.
"""

import json
import os
import sys
import threading
import uuid
from collections import defaultdict
from pathlib import Path
from typing import Any

import httpx
from flask import Flask, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from standardwebhooks import Webhook, WebhookVerificationError
from werkzeug.exceptions import HTTPException

GOODS = {"tea-01": ("Green tea", 1250), "pot-01": ("Teapot", 4000)}
STACK_FILE = Path(os.environ.get("STACK_FILE", ".local/stack.json"))

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 512 * 1024
# The type of each `seq`, by order: what a real shop keeps in its database.
events: defaultdict[str, dict[int, str]] = defaultdict(dict)
writing = threading.Lock()


def stack() -> dict[str, Any]:
    """The running stack. It is read each time, because its tokens are renewed."""
    found: dict[str, Any] = json.loads(STACK_FILE.read_text())
    return found


def call(who: str, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
    """Call Paylatch as the shop (`service`) or the buyer. Whether an order changed is unknown without an answer."""
    known = stack()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    sent["Authorization"] = f"Bearer {known['tokens'][who]}"
    try:
        return httpx.request(method, known["api_url"] + path, json=body, headers=sent, timeout=35)
    except httpx.HTTPError:
        abort(503, "There is no answer. Press the button again: nothing happens twice.")


def done(answer: httpx.Response) -> dict[str, Any]:
    """The document of a success; the buyer sees the words of anything else."""
    document: dict[str, Any] = answer.json()
    if answer.status_code == 202:
        abort(409, "The payment is being stopped. Press the button again in a moment.")
    if answer.is_error:
        abort(answer.status_code, document.get("detail", "Try again later."))
    return document


@app.get("/")
def cart() -> ResponseReturnValue:
    return render_template("cart.html", goods=GOODS, key=uuid.uuid4().hex)


@app.post("/orders")
def place_order() -> ResponseReturnValue:
    """The cart's key is the order's: the button pressed twice places one order."""
    wanted = {sku: request.form.get(sku, 0, type=int) for sku in GOODS}
    lines = [
        {"sku": sku, "name": GOODS[sku][0], "unit_price": GOODS[sku][1], "quantity": quantity}
        for sku, quantity in wanted.items()
        if quantity
    ]
    parties = {"buyer_id": stack()["buyer_id"], "seller_id": stack()["seller_id"]}
    key = request.form["key"]
    new = {"reference": f"tea-{key[:8]}", **parties, "currency": "EUR", "lines": lines}
    order = done(call("service", "POST", "/orders", new, Idempotency_Key=key))
    return redirect(url_for("show_order", order_id=order["order_id"]), 303)


@app.get("/orders/<string(length=16):order_id>")
def show_order(order_id: str) -> ResponseReturnValue:
    order = done(call("buyer", "GET", f"/orders/{order_id}"))
    return render_template("order.html", order=order, key=uuid.uuid4().hex, events=sorted(events[order_id].items()))


@app.get("/return")
def come_back() -> ResponseReturnValue:
    """Where the gateway sends the buyer. What they did there, the order says: the address proves nothing."""
    return redirect(url_for("show_order", order_id=request.args["order_id"]), 303)


@app.post("/orders/<string(length=16):order_id>/payment")
def pay(order_id: str) -> ResponseReturnValue:
    """Lock the order at the revision that the buyer saw, and send them to the gateway."""
    body = {"return_url": url_for("come_back", _external=True)}
    seen = {"Idempotency_Key": request.form["key"], "If_Match": f'"{request.form["revision"]}"'}
    attempt = done(call("buyer", "POST", f"/orders/{order_id}/payments", body, **seen))
    return redirect(attempt["pay_url"] or url_for("show_order", order_id=order_id), 303)


@app.post("/orders/<string(length=16):order_id>/change")
def change(order_id: str) -> ResponseReturnValue:
    """Change the quantities; where the order is being paid, stop the payment and change in one call."""
    lines = done(call("buyer", "GET", f"/orders/{order_id}"))["lines"]
    edit = {"lines": [{**line, "quantity": request.form.get(line["sku"], 0, type=int)} for line in lines]}
    seen = {"If_Match": f'"{request.form["revision"]}"'}
    answer = call("buyer", "PATCH", f"/orders/{order_id}", edit, **seen)
    if answer.status_code == 409 and answer.json().get("code") == "order-locked":
        stop = f"/orders/{order_id}/payments/{answer.json()['attempt_id']}/cancellation"
        answer = call("buyer", "POST", stop, {"edit": edit}, **seen)
    done(answer)
    return redirect(url_for("show_order", order_id=order_id), 303)


@app.post("/webhooks")
def receive() -> ResponseReturnValue:
    """Keep a genuine event; ship what is paid, once, however often the event comes."""
    webhook = Webhook(stack()["webhook_key"])
    try:
        event = webhook.verify(request.data, dict(request.headers))["data"]
    except (WebhookVerificationError, ValueError):
        abort(400, "The webhook is not genuine.")
    with writing:
        known = events[event["order_id"]]
        if event["type"] == "OrderPaid" and event["seq"] not in known:
            print(f"ship {event['order_id']}", flush=True)
        known[event["seq"]] = event["type"]
    return "", 204


@app.after_request
def unkept(answer: Response) -> Response:
    """A browser that goes back from the gateway's page asks for the order again: it is locked by then."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


@app.errorhandler(HTTPException)
def refused(error: HTTPException) -> ResponseReturnValue:
    return render_template("refused.html", text=error.description), error.code or 500


if __name__ == "__main__":
    STACK_FILE = Path(sys.argv[1])
    app.run("127.0.0.1", int(sys.argv[2]), threaded=True)

"""Stripe's Checkout Sessions and refunds, as far as the adapter uses them, with Stripe's own rules and words."""

import json
from collections.abc import Mapping
from typing import Any

from paylatch.ports import Callback
from tests.fakes.loopback_server import ReceivedRequest, Reply, json_reply
from tests.fakes.provider_signatures import sign_stripe
from tests.fakes.settable_clock import SettableClock

HALF_HOUR, DAY = 1800, 86400


class FakeStripe:
    def __init__(self, clock: SettableClock, api_key: str = "sk_test_1") -> None:
        self.clock = clock
        self.api_key = api_key
        self.sessions: dict[str, dict[str, Any]] = {}
        self.refunds: list[dict[str, Any]] = []
        self.disputes: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.next_refund_status = "succeeded"
        self.refusal: Reply | None = None
        self._intent_metadata: dict[str, dict[str, str]] = {}
        self._answers: dict[str, tuple[Mapping[str, str], Reply]] = {}

    def answer(self, asked: ReceivedRequest) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {self.api_key}":
            return _error(401, "invalid_request_error", "Invalid API Key provided")
        key = asked.headers.get("idempotency-key") if asked.method == "POST" else None
        if key in self._answers:
            form, reply = self._answers[key]
            if form != asked.form:
                return _error(400, "idempotency_error", "Keys for idempotent requests can only be used with the same")
            return reply
        reply = self._route(asked)
        if key and reply.status not in (400, 429):
            self._answers[key] = (asked.form, reply)
        return reply

    def expire_keys(self) -> None:
        """What Stripe does after a day."""
        self._answers.clear()

    def session_of(self, attempt_id: str) -> dict[str, Any]:
        return next(found for found in self.sessions.values() if found["client_reference_id"] == attempt_id)

    def pay(self, attempt_id: str, intent_status: str = "succeeded") -> dict[str, Any]:
        """The payer completes the page; a payment method that takes days leaves the session unpaid."""
        session = self.session_of(attempt_id)
        paid = intent_status == "succeeded"
        session.update(status="complete", payment_status="paid" if paid else "unpaid", url=None)
        money = {"amount": session["amount_total"], "currency": session["currency"]}
        session["payment_intent"] = {
            "id": "pi_" + session["id"],
            "object": "payment_intent",
            "status": intent_status,
            "amount_received": session["amount_total"] if paid else 0,
            "metadata": self._intent_metadata[session["id"]],
            "latest_charge": {
                "id": "ch_" + session["id"],
                "object": "charge",
                "status": "succeeded" if paid else "pending",
                "captured": paid,
                "created": int(self.clock.now().timestamp()),
                "payment_intent": "pi_" + session["id"],
                "amount_captured": session["amount_total"] if paid else 0,
                "amount_refunded": 0,
                "refunded": False,
                "disputed": False,
                "metadata": self._intent_metadata[session["id"]],
                **money,
            },
            **money,
        }
        return session

    def refund_by_hand(self, attempt_id: str, amount: int) -> dict[str, Any]:
        """Refund by hand in the dashboard; return the charge as it is afterwards."""
        intent = self.session_of(attempt_id)["payment_intent"]
        self._refunded(intent, amount, {}, "succeeded")
        return {**intent["latest_charge"], "payment_intent": intent["id"]}

    def dispute(self, attempt_id: str, status: str, amount: int, **other: Any) -> dict[str, Any]:
        """The payer's bank takes the payment back: for now, or permanently."""
        intent = self.session_of(attempt_id)["payment_intent"]
        intent["latest_charge"]["disputed"] = True
        dispute = {
            "id": f"du_{len(self.disputes) + 1}",
            "object": "dispute",
            "status": status,
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "charge": intent["latest_charge"]["id"],
            "created": int(self.clock.now().timestamp()),
            "metadata": {},
            **other,
        }
        self.disputes.append(dispute)
        return dispute

    def expire(self, attempt_id: str) -> dict[str, Any]:
        session = self.session_of(attempt_id)
        session.update(status="expired", url=None)
        return session

    def record_event(self, kind: str, document: Mapping[str, Any]) -> None:
        """Keep an event of now for the list of events."""
        created = int(self.clock.now().timestamp())
        event = {"id": f"evt_{len(self.events) + 1}", "type": kind, "created": created, "data": {"object": document}}
        self.events.append(event)

    def callback(self, kind: str, document: object, secret: str, **event: object) -> Callback:
        """An event of now, in the mode of our key."""
        live, created = "_test_" not in self.api_key, int(self.clock.now().timestamp())
        head = {"id": "evt_1", "object": "event", "type": kind, "created": created, "livemode": live}
        return self.signed({**head, "data": {"object": document}, **event}, secret)

    def signed(self, event: Mapping[str, Any], secret: str) -> Callback:
        body = json.dumps(event).encode()
        return Callback(sign_stripe(secret, self.clock.now(), body), body)

    def refuse(self, code: str, status: int = 400) -> None:
        """Make refunds fail."""
        self.refusal = _error(status, "invalid_request_error", "No refund.", code)

    def _route(self, asked: ReceivedRequest) -> Reply:
        path = asked.path.strip("/").split("/")[1:]
        return self._write(path, asked.form) if asked.method == "POST" else self._read(path, asked.query)

    def _write(self, path: list[str], form: Mapping[str, str]) -> Reply:
        match path:
            case ["checkout", "sessions"]:
                return self._create(form)
            case ["checkout", "sessions", name, "expire"]:
                return self._expire(name)
            case ["refunds"]:
                return self._refund(form)
        return _error(404, "invalid_request_error", f"Unrecognized request URL {path}")

    def _read(self, path: list[str], query: Mapping[str, str]) -> Reply:
        match path:
            case ["checkout", "sessions"]:
                return self._list(query)
            case ["checkout", "sessions", name]:
                return _found(self.sessions.get(name), f"No such checkout.session: '{name}'")
            case ["payment_intents", name]:
                return _found(self._intent(name), f"No such payment_intent: '{name}'")
            case ["refunds" | "disputes" as name] if "payment_intent" in query:
                return _of_intent(getattr(self, name), query)
            case ["charges" | "refunds" | "disputes" | "events" as name]:
                return self._statement(name, query)
        return _error(404, "invalid_request_error", f"Unrecognized request URL {path}")

    def _create(self, form: Mapping[str, str]) -> Reply:
        now, expires_at = self.clock.now().timestamp(), int(form["expires_at"])
        if not now + HALF_HOUR <= expires_at <= now + DAY:
            return _error(400, "invalid_request_error", "expires_at must be between 30 minutes and 24 hours from now")
        name = f"cs_test_{len(self.sessions) + 1}"
        self.sessions[name] = {
            "id": name,
            "object": "checkout.session",
            "status": "open",
            "payment_status": "unpaid",
            "created": int(now),
            "expires_at": expires_at,
            "url": f"https://checkout.stripe.com/c/pay/{name}",
            "client_reference_id": form["client_reference_id"],
            "metadata": _metadata(form, "metadata"),
            "amount_total": int(form["line_items[0][price_data][unit_amount]"]),
            "currency": form["line_items[0][price_data][currency]"],
            "payment_intent": None,
        }
        self._intent_metadata[name] = _metadata(form, "payment_intent_data[metadata]")
        return json_reply(self.sessions[name])

    def _list(self, query: Mapping[str, str]) -> Reply:
        made = sorted(self.sessions.values(), key=lambda session: -int(session["id"].rpartition("_")[2]))
        within = [
            session
            for session in made
            if int(query["created[gte]"]) <= session["created"] <= int(query["created[lte]"])
        ]
        after = query.get("starting_after")
        start = next((place + 1 for place, session in enumerate(within) if session["id"] == after), 0)
        page = within[start : start + int(query["limit"])]
        return json_reply({"object": "list", "data": page, "has_more": start + len(page) < len(within)})

    def _statement(self, name: str, query: Mapping[str, str]) -> Reply:
        """One page of what was created in the window, the newest first."""
        charges = {charge["id"]: charge for charge in self._charges()}
        made = {"charges": [*charges.values()], "events": self.events}.get(name) or getattr(self, name, [])
        types = {value for key, value in query.items() if key.startswith("types[")}
        within = [
            one
            for one in reversed(made)
            if int(query["created[gte]"]) <= one["created"] < int(query["created[lt]"])
            and (name != "events" or one["type"] in types)
        ]
        place = next((place for place, one in enumerate(within, 1) if one["id"] == query.get("starting_after")), 0)
        page = within[place : place + int(query["limit"])]
        if query.get("expand[0]") == "data.charge":
            page = [{**one, "charge": charges[one["charge"]]} for one in page]
        return json_reply({"object": "list", "data": page, "has_more": place + len(page) < len(within)})

    def _charges(self) -> list[dict[str, Any]]:
        sessions = [session for session in self.sessions.values() if session["payment_intent"]]
        return [session["payment_intent"]["latest_charge"] for session in sessions]

    def _expire(self, name: str) -> Reply:
        session = self.sessions.get(name)
        if session is None:
            return _error(404, "invalid_request_error", "No such checkout.session")
        if session["status"] != "open":
            return _error(400, "invalid_request_error", "Only Checkout Sessions with a status in [open] can be expired")
        session.update(status="expired", url=None)
        return json_reply(session)

    def _intent(self, name: str) -> dict[str, Any] | None:
        intents = [found["payment_intent"] for found in self.sessions.values() if found["payment_intent"]]
        return next((intent for intent in intents if intent["id"] == name), None)

    def _refund(self, form: Mapping[str, str]) -> Reply:
        intent = self._intent(form["payment_intent"])
        assert intent
        charge = intent["latest_charge"]
        left = charge["amount"] - charge["amount_refunded"]
        if self.refusal:
            return self.refusal
        amount = int(form.get("amount", left))
        if charge["refunded"]:
            return _error(400, "invalid_request_error", "Charge has already been refunded.", "charge_already_refunded")
        if amount > left:
            return _error(400, "invalid_request_error", f"Refund amount ({amount}) is greater than unrefunded amount")
        return json_reply(self._refunded(intent, amount, _metadata(form, "metadata"), self.next_refund_status))

    def _refunded(self, intent: dict[str, Any], amount: int, metadata: dict[str, str], status: str) -> dict[str, Any]:
        charge = intent["latest_charge"]
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        refund = {
            "id": f"re_{len(self.refunds) + 1}",
            "object": "refund",
            "status": status,
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "charge": charge["id"],
            "created": int(self.clock.now().timestamp()),
            "metadata": metadata,
        }
        self.refunds.append(refund)
        return refund

    def fail(self, refund: dict[str, Any]) -> None:
        """Fail the refund: the bank returned it."""
        refund["status"] = "failed"
        intent = self._intent(refund["payment_intent"])
        assert intent
        intent["latest_charge"]["amount_refunded"] -= refund["amount"]
        intent["latest_charge"]["refunded"] = False


def _metadata(form: Mapping[str, str], field: str) -> dict[str, str]:
    return {name[len(field) + 1 : -1]: value for name, value in form.items() if name.startswith(f"{field}[")}


def _found(document: dict[str, Any] | None, missing: str) -> Reply:
    return json_reply(document) if document else _error(404, "invalid_request_error", missing, "resource_missing")


def _of_intent(made: list[dict[str, Any]], query: Mapping[str, str]) -> Reply:
    found = [one for one in made if one["payment_intent"] == query["payment_intent"]]
    return json_reply({"object": "list", "data": found, "has_more": False})


def _error(status: int, kind: str, message: str, code: str | None = None) -> Reply:
    return json_reply({"error": {"type": kind, "message": message, "code": code}}, status)

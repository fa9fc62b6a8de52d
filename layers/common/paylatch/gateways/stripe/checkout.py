"""Checkout Sessions at Stripe: created, found, read and expired."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from paylatch.domain.errors import Misconfigured, OutcomeUnknown, Refused
from paylatch.domain.limits import GRACE
from paylatch.domain.payment import Attempt, PastAttempt
from paylatch.gateways import fields
from paylatch.gateways.fields import Document
from paylatch.gateways.order_title import order_title
from paylatch.gateways.payer_contact import ascii_email, closest_language
from paylatch.gateways.stack_reference import NotOurs, merchant_reference
from paylatch.gateways.stripe.calls import NAME, KeyReused, StripeCalls
from paylatch.gateways.stripe.money import to_stripe
from paylatch.gateways.stripe.payments import StripePayments
from paylatch.gateways.stripe.sessions import attempt_of, intent_of, report_of
from paylatch.ports import Clock, SessionReport, SessionState

# Stripe requires an expiry 30 minutes to 24 hours ahead. It is counted from the deadline, not from now, so that the
# same attempt always requests the same session, and an opening repeated as late as its deadline is still allowed.
BACKSTOP = timedelta(minutes=31)

NO_CONTACT: Mapping[str, str] = {}
# The languages of Checkout's page.
_SPOKEN = (
    "bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru sk sl "
    "sv th tr vi zh zh-HK zh-TW"
)
_EXPAND = ["payment_intent.latest_charge"]
_PAGES = 10


class TooManySessions(OutcomeUnknown):
    """The session is not among the newest ones that were searched, and there are more."""


class StripeCheckout:
    """The session of an attempt.

    A repeated request returns the same session. The attempt stores all of its inputs but the payer's contact, which
    is personal and belongs to the order's content.
    """

    def __init__(self, call: StripeCalls, payments: StripePayments, clock: Clock, stack: str) -> None:
        self._call = call
        self._payments = payments
        self._clock = clock
        self._stack = stack

    def create(
        self,
        attempt_id: str,
        reference: str,
        amount: int,
        currency: str,
        deadline: datetime,
        return_url: str,
        contact: Mapping[str, str] = NO_CONTACT,
    ) -> Document:
        """The attempt's session: the same for each request within 24 hours, as long as Stripe keeps the key."""
        names = {"attempt_id": attempt_id, "stack": self._stack}
        params = _parameters(names, reference, to_stripe(amount, currency), currency, deadline, return_url) | contact
        # Two stacks can have the same attempt id, and an idempotency key belongs to the account.
        options: Any = {"idempotency_key": merchant_reference(attempt_id, self._stack)}
        return self._call(lambda stripe: stripe.v1.checkout.sessions.create(params, options))

    def claim(self, attempt: Attempt | PastAttempt) -> str | None:
        """The id of a session whose opening had no response; None where none is open and none can become open.

        Requesting it again also covers a request that is still under way, because it takes that request's key. Where
        that request named the payer's contact, Stripe refuses the key, and its session is found. Raises `KeyReused`
        where it is not found before the time at which it has expired.
        """
        if isinstance(attempt, PastAttempt):
            return self._find_unless_dead(attempt)
        try:
            session = self.create(
                attempt.attempt_id,
                attempt.reference,
                attempt.amount,
                attempt.currency,
                attempt.deadline,
                attempt.return_address,
            )
        except Refused:
            # It is too late to open a session, so none is open; one that was paid long ago can still be found.
            return self._find_unless_dead(attempt)
        except KeyReused:
            if (found := self._find_unless_dead(attempt)) or self._is_dead(attempt):
                return found
            raise
        with fields.read_as_answer(NAME):
            return fields.word(session, "id")

    def find(self, attempt: Attempt | PastAttempt) -> str | None:
        """The id of the attempt's session, among those made while it could be opened.

        Raises `TooManySessions` when it is not among the newest of them.
        """
        since, until = attempt.since - timedelta(minutes=1), attempt.deadline + BACKSTOP
        window = {"gte": int(since.timestamp()), "lte": int(until.timestamp())}
        after: dict[str, str] = {}
        for _ in range(_PAGES):
            page = self._page({"limit": 100, "created": window, **after})
            for session in page:
                if self._is_of(attempt.attempt_id, session):
                    return fields.word(session, "id")
            if len(page) < 100:
                return None
            after = {"starting_after": fields.word(page[-1], "id")}
        raise TooManySessions(NAME, f"{attempt.attempt_id} is not among the {_PAGES * 100} newest sessions of its time")

    def read(self, session_id: str) -> SessionReport:
        """The state of a session, and the money still held."""
        params: Any = {"expand": _EXPAND}
        try:
            session = self._call(lambda stripe: stripe.v1.checkout.sessions.retrieve(session_id, params))
        except Refused as refusal:
            # Stripe keeps every session: an unknown one was made with the key of another account.
            raise Misconfigured(NAME, refusal.cause) from refusal
        with fields.read_as_answer(NAME):
            report = report_of(session)
        if report.capture is None:
            return report
        returned = report.capture.returned + self._payments.lost(intent_of(session))
        return replace(report, capture=replace(report.capture, returned=returned))

    def expire(self, session_id: str) -> None:
        """End an open session.

        Raises `Refused` where it was not open, `OutcomeUnknown` where it did not end.
        """
        session = self._call(lambda stripe: stripe.v1.checkout.sessions.expire(session_id))
        with fields.read_as_answer(NAME):
            if report_of(session).state is not SessionState.CLOSED:
                raise fields.UnknownStatus("an expired session is still open")

    def _find_unless_dead(self, attempt: Attempt | PastAttempt) -> str | None:
        try:
            return self.find(attempt)
        except TooManySessions:
            if self._is_dead(attempt):
                return None
            raise

    def _is_dead(self, attempt: Attempt | PastAttempt) -> bool:
        """Whether a session of it has expired by itself. Its link was never handed out, so no payer has paid it."""
        return self._clock.now() > attempt.deadline + BACKSTOP + GRACE

    def _is_of(self, attempt_id: str, session: Document) -> bool:
        try:
            return attempt_of(session, self._stack).attempt_id == attempt_id
        except NotOurs:
            return False

    def _page(self, params: Any) -> tuple[Document, ...]:
        answer = self._call(lambda stripe: stripe.v1.checkout.sessions.list(params))
        with fields.read_as_answer(NAME):
            return fields.parts(answer, "data")


def contact_of(email: str | None, locale: str | None) -> dict[str, str]:
    """The parameters that fill in the payer's address and choose the page's language."""
    given = {"customer_email": ascii_email(email), "locale": closest_language(locale, _SPOKEN)}
    return {name: value for name, value in given.items() if value is not None}


def _parameters(
    names: dict[str, str], reference: str, amount: int, currency: str, deadline: datetime, return_url: str
) -> Any:
    title = order_title(reference)
    price = {"currency": currency.lower(), "unit_amount": amount, "product_data": {"name": title}}
    return {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": price}],
        "success_url": return_url,
        "cancel_url": return_url,
        # Converted prices would allow the capture of another amount and currency than agreed.
        "adaptive_pricing": {"enabled": False},
        "expires_at": int((deadline + BACKSTOP).timestamp()),
        "client_reference_id": names["attempt_id"],
        "metadata": names,
        # Charges, and so their refunds, have the metadata of their intent, not that of the session.
        # The description is what the account's lists of payments show.
        "payment_intent_data": {"description": title, "metadata": names},
    }

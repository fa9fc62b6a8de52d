"""The payment page as HTML. All text from the shop is escaped."""

from datetime import datetime
from html import escape
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from paylatch.domain.currencies import CURRENCIES
from sandbox.sessions import Session, SessionStatus
from sandbox.style import STYLE

_MESSAGES = {
    SessionStatus.IN_PROGRESS: ("wait", "Your payment is in progress", "Look again later to see whether it succeeded."),
    SessionStatus.PAID: ("good", "Paid", "Thank you. Go back to the shop now."),
    SessionStatus.CLOSED: ("bad", "This payment is closed", "It cannot be paid any more. No money was taken."),
    SessionStatus.EXPIRED: ("bad", "This payment has expired", "It cannot be paid any more. No money was taken."),
}


def payment_page(session: Session, now: datetime) -> str:
    """The page that shows the session."""
    terms = session.terms
    title = f"{terms.shop or 'Payment'}: {terms.description}" if terms.description else "Payment"
    summary = f"""<section>
<h1>{escape(terms.shop)}</h1>
<p class="order">Order {escape(terms.description)}</p>
<p class="amount">{_amount(terms.amount, terms.currency)}</p>
{_until(session, now)}</section>"""
    body = _offer(session) if session.status is SessionStatus.OPEN else _outcome(session)
    return _document(title, f"{summary if terms.shop else ''}\n<section>\n{body}</section>")


def missing_page() -> str:
    """The page for an unknown session."""
    gateway_event = _notice("bad", "There is no such payment", "Please go back to the shop and start again.")
    return _document(
        "No such payment", f"<section>\n<h1>Payment</h1>\n</section>\n<section>\n{gateway_event}</section>"
    )


def return_address(session: Session) -> str:
    """The URL to which the payer returns: the shop's own; like real gateways, the sandbox appends no payment status."""
    parts = urlsplit(session.terms.return_url)
    if parts.scheme not in ("http", "https"):
        return ""
    query = urlencode(parse_qsl(parts.query, keep_blank_values=True))
    return urlunsplit(parts._replace(query=query, path=quote(parts.path, safe="/%:@!$&'()*+,;=~-._")))


def amount_text(amount: int, currency: str) -> str:
    """The amount in decimal form, without the currency."""
    places = CURRENCIES.get(currency, 2)
    whole, part = divmod(amount, 10**places)
    return f"{whole:,}.{part:0{places}d}" if places else f"{whole:,}"


def _offer(session: Session) -> str:
    declined = ("bad", "The payment was declined", "No money was taken. You can try again.")
    notice = _notice(*declined) if session.failed_tries else ""
    price = f"{amount_text(session.terms.amount, session.terms.currency)} {escape(session.terms.currency)}"
    return f"""{notice}<form method="post">
<button class="primary" name="action" value="pay">Pay {price}</button>
<button name="action" value="submit">Pay by bank debit, which takes days</button>
<button name="action" value="decline">Decline, as a bank would</button>
</form>
{_leave(session, "Leave without paying")}"""


def _outcome(session: Session) -> str:
    back = return_address(session)
    button = f'<a class="button primary" href="{escape(back)}">Back to the shop</a>\n' if back else ""
    return _notice(*_MESSAGES[session.status]) + _decision(session) + button


def _decision(session: Session) -> str:
    if session.status is not SessionStatus.IN_PROGRESS:
        return ""
    return f"""<form method="post">
<button name="action" value="confirm">Confirm, as the bank would</button>
<button name="action" value="refuse">Refuse, as the bank would</button>
</form>
<p class="leave"><a href="{escape(session.session_id)}">Look again</a></p>
"""


def _leave(session: Session, text: str) -> str:
    back = return_address(session)
    return f'<p class="leave"><a href="{escape(back)}">{text}</a></p>\n' if back else ""


def _notice(kind: str, title: str, text: str) -> str:
    return f'<p class="notice {kind}" role="status"><strong>{title}</strong> {text}</p>\n'


def _amount(amount: int, currency: str) -> str:
    return f"{amount_text(amount, currency)} <small>{escape(currency)}</small>"


def _until(session: Session, now: datetime) -> str:
    if session.status is not SessionStatus.OPEN:
        return ""
    minutes = int((session.link_expires_at - now).total_seconds()) // 60
    left = f"{minutes} min left" if minutes else "less than a minute left"
    at = f'<time datetime="{session.link_expires_at.isoformat()}">{session.link_expires_at:%H:%M} UTC</time>'
    return f'<p class="until">Open until {at} ({left})</p>\n'


def _document(title: str, main: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<p class="badge">Sandbox: no real money moves</p>
{main}
</main>
<footer>Paylatch sandbox gateway</footer>
</body>
</html>
"""

"""What a payment page shows. Amounts are in minor units of the order's currency, instants are aware UTC."""

from datetime import datetime
from enum import StrEnum

from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.order import Line


class PageState(StrEnum):
    """The state that an order's page is in; each has texts and actions of its own."""

    OWED = "owed"
    CHANGED = "changed"
    OPENING = "opening"
    BEING_PAID = "being_paid"
    STOPPING = "stopping"
    PROCESSING = "processing"
    JUST_PAID = "just_paid"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    UNDER_REVIEW = "under_review"
    NOT_PAYABLE = "not_payable"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


# The script asks whether something changed: the payment goes on elsewhere.
WAITING = frozenset({PageState.OPENING, PageState.BEING_PAID, PageState.STOPPING, PageState.PROCESSING})


class Notice(StrEnum):
    """What just happened, above the state: the result of the reader's own request, or of the last payment."""

    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    STOPPED = "stopped"
    # The gateway did not open a payment; the order is unlocked.
    GATEWAY_REFUSED = "gateway_refused"
    # The gateway did not answer, or the order kept changing; the reader may try again.
    TRY_AGAIN = "try_again"
    # A payment held the order already when the reader asked for one.
    ALREADY_BEING_PAID = "already_being_paid"
    # The reader asked to stop a payment that had succeeded.
    STOPPED_TOO_LATE = "stopped_too_late"
    # The reader asked to stop a payment that the bank is deciding about.
    NOT_STOPPED = "not_stopped"
    # No gateway of this stack takes this order's currency or sum.
    SUM_NOT_TAKEN = "sum_not_taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAddresses:
    """Where the page's links and requests lead, each as it stands in the HTML; same origin but for the last.

    `page` is the page itself, to which its forms are posted; `state` is asked by the script, and answers with
    `PolledState`; `assets` is the folder of the assets, without a final slash. `shop` is the shop's own http or https
    URL, None where there is none.
    """

    page: str
    state: str
    assets: str
    shop: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """The order as its reader has to recognise it: without addresses, e-mail, note and metadata."""

    reference: str
    lines: tuple[Line, ...]
    total: int
    currency: str


@dataclass(frozen=True, slots=True)
class PayForm:
    """What the form of an offer to pay sends beside its `action`: for which revision, and under which payment key."""

    revision: int
    payment_key: str


@dataclass(frozen=True, slots=True)
class ChangedFrom:
    """The revision that the reader saw before the order changed; each is None where it is no longer kept."""

    total: int | None = None
    lines: tuple[Line, ...] | None = None


@dataclass(frozen=True, slots=True)
class OngoingPayment:
    """The payment that holds the order.

    `until` is the end of its lock, None where that is unknown. `continue_url` is the gateway's page, None before there
    is one and once the payer has submitted the payment. `may_stop`: the page offers to stop it.
    """

    attempt_id: str
    until: datetime | None = None
    continue_url: str | None = None
    may_stop: bool = False


@dataclass(frozen=True, slots=True)
class Money:
    """What became of money that was captured for the order, in minor units; 0 where there is none.

    `received` was captured for it, `returned` of that went back, `returning` of it is to go back. Of other payments,
    which came late or twice, `late_returned` went back, `late_returning` is to go back, and `claimed` was reported by
    a gateway that has not confirmed it. `other_currency`: the order was paid in another currency than its own, by an
    operator's decision, so that no sum can be shown.
    """

    received: int = 0
    returned: int = 0
    returning: int = 0
    late_returned: int = 0
    late_returning: int = 0
    claimed: int = 0
    other_currency: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage:
    """The page of an order, rendered at `now`.

    `version` is the order's. `offer` is set where the order can be paid now, `changed_from` in the state `changed`,
    `payment` while a payment holds the order. `pay_by` is when the offer ends, `paid_at` when the order was paid; each
    is None where unknown.
    """

    state: PageState
    version: int
    now: datetime
    summary: Summary
    addresses: PageAddresses
    money: Money
    offer: PayForm | None = None
    changed_from: ChangedFrom | None = None
    payment: OngoingPayment | None = None
    pay_by: datetime | None = None
    paid_at: datetime | None = None
    notice: Notice | None = None


class ErrorKind(StrEnum):
    """Why there is no page of an order."""

    NOT_FOUND = "not_found"
    # The address is one to which a gateway sends its payer back.
    NOT_FOUND_AFTER_PAYMENT = "not_found_after_payment"
    TEMPORARY = "temporary"
    INVALID_FORM = "invalid_form"
    NOT_ALLOWED = "method_not_allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """The page of a request that shows no order. `page` leads back to the order's page, None where there is none.

    `fields` are the names of wrong form fields.
    """

    kind: ErrorKind
    assets: str
    page: str | None = None
    fields: tuple[str, ...] = ()


PageView = OrderPage | ErrorPage


@dataclass(frozen=True, slots=True)
class PolledState:
    """What the script is answered: the page is loaded anew where `version` or `state` differs from what it shows."""

    state: PageState
    version: int
    until: datetime | None

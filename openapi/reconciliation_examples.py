"""A finding of reconciliation and a reconciled day, for the document's examples."""

FINDING = {
    "gateway": "sandbox",
    "day": "2026-05-04",
    "discrepancy": "unknown_order",
    "subject": "pay_7J2KQ",
    "payment_id": "pay_7J2KQ",
    "attempt_id": "5N2R8VKQ1C9T4XWZ_R4G8XK2M",
    "amount": 2500,
    "currency": "EUR",
    "returned": 0,
    "put_right": False,
    "since": "2026-05-05T03:00:00.000Z",
    "remedy": "Find out whose payment it is, and refund it at the gateway, or restore the order.",
    "handled_at": None,
    "explained_at": None,
}
HANDLED_FINDING = {**FINDING, "remedy": None, "handled_at": "2026-05-05T08:10:00.000Z"}
RECONCILIATION = {"day": "2026-05-04", "gateway": "sandbox"}
RECONCILED_DAY = {
    "day": "2026-05-04",
    "done": True,
    "lists": [
        {"gateway": "sandbox", "list": name, "done": True, "listed": listed, "foreign": 0, "pages": 1}
        for name, listed in (("disputes", 0), ("refunds", 1), ("captures", 12))
    ],
    "not_available": [],
    "failed": [],
    "findings": [FINDING],
}

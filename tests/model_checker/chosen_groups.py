"""Groups of processes that are explored in chosen situations, at chosen gateways."""

# An order whose personal data is erased, beside who ends it, edits it, pays for it or refunds it.
ERASED: tuple[tuple[str, tuple[str, ...]], ...] = (
    *(("new", (name, "erase")) for name in ("cancel-order", "edit-buyer", "pay", "settle-manually")),
    *(("cancelled", names) for names in (("erase",), ("erase", "operator-erases"), ("edit-again", "erase"))),
    *(("cancelled", ("erase", name)) for name in ("cancel-order", "read-order")),
    *(("paid", ("erase", name)) for name in ("request-refund", "sweep")),
    ("paid-manually", ("erase", "request-refund")),
)
# The gateways that differ most.
CORE_GATEWAYS = ("final", "live-link")
# An order that its seller makes free, or a service hands over, while its buyer pays, edits or cancels it, or
# the next one declares it paid.
GIVEN_AWAY: tuple[tuple[str, ...], ...] = (
    ("pay", "give-away"),
    ("edit-buyer", "give-away"),
    ("give-away", "cancel-order"),
    ("pay", "pay-again", "give-away"),
    ("pay", "pay-other", "give-away"),
    ("pay", "give-away", "cancel-payment"),
    ("hand-over",),
    *(("hand-over", name) for name in ("pay", "edit-buyer", "cancel-order", "next-buyer-settles")),
)
# An order that ends by itself, beside those who pay for it, release it or move its end.
ENDING: tuple[tuple[str, tuple[str, ...]], ...] = (
    *(("dated", names) for names in (("sweep",), ("pay-other", "sweep"), ("move-pay-by", "sweep"))),
    *(("dated", names) for names in (("cancel-order", "sweep"), ("sweep", "timer"))),
    *(("dated-open", names) for names in (("sweep",), ("cancel-payment", "sweep"))),
    ("dated-released", ("sweep",)),
)
# An order that is paid by its payment link, while the link is renewed or others act.
LINKED: tuple[tuple[str, tuple[str, ...]], ...] = (
    *((situation, ("link-holder",)) for situation in ("linked", "linked-open")),
    ("linked", ("issue-link", "renew-link")),
    *(("linked", ("pay-by-link", name)) for name in ("renew-link", "edit-buyer", "pay")),
    *(("linked-open", ("stop-by-link", name)) for name in ("renew-link", "pay-by-link", "sweep")),
)
# Refunds that the shop requests: beside each other, repeated, beside the sweep that makes them, also where somebody
# gives money back by hand, the gateway takes its time, or the payer disputes the payment.
REFUNDED: tuple[tuple[str, ...], ...] = (
    ("request-refund",),
    ("request-refund", "sweep"),
    ("request-refund", "request-rest"),
    ("request-refund", "request-refund-again"),
    ("request-refund", "request-rest", "sweep"),
)
# What no gateway took is refunded by the shop's word alone.
REFUNDED_MANUALLY = REFUNDED[:1] + REFUNDED[2:4]
REFUNDING_GATEWAYS = ("final", "manual-refunds", "failing-slow-refunds", "disputed")


def chosen_groups(size: int) -> list[tuple[str, str, tuple[str, ...]]]:
    """The groups of that many processes, each with its gateway and its situation."""
    given_away = [("final", "new", names) for names in GIVEN_AWAY]
    # A refund of money that came late is written off, of an order that was edited since.
    given_away.append(("failing-refunds", "one-debt", ("hand-over-edited", "next-buyer-writes-off")))
    refunded = [(gateway, "paid", names) for gateway in REFUNDING_GATEWAYS for names in REFUNDED]
    refunded += [("final", "paid-manually", names) for names in REFUNDED_MANUALLY]
    ending = [(gateway, situation, names) for gateway in CORE_GATEWAYS for situation, names in ENDING]
    linked = [("final", situation, names) for situation, names in (*LINKED, *ERASED)]
    return [group for group in (*given_away, *refunded, *ending, *linked) if len(group[2]) == size]

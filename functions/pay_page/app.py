"""Payment pages: a payer with an order's payment link sees what is owed, pays, and comes back to the same page."""

from paylatch.runtime.wiring import entry  # isort: split

from pay_page.handling import answered, failed

handler = entry.pages(answered, failed)

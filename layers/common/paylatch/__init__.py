"""Paylatch: an order-payment lock that gives the same order back when the payment stops."""

import gc

# Imported objects live until the process ends. At Python's own threshold of 700 objects, collecting them again and
# again takes a tenth of a cold start and frees nothing. Functions import this package before any library.
gc.set_threshold(200_000)

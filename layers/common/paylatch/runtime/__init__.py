"""The Lambda side: settings, wiring, HTTP and observability."""

import gc

# What is imported stays for good. At Python's own threshold of 700 objects, looking through all of it again and again
# is a tenth of a cold start, and frees nothing.
gc.set_threshold(50_000)

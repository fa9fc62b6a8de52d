"""The Lambda runtime: settings, wiring, HTTP and observability."""

import gc

# Imported objects live until the process ends. At Python's own threshold of 700 objects, collecting them again and
# again takes a tenth of a cold start and frees nothing.
gc.set_threshold(50_000)

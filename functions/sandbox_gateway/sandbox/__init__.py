"""A simulated payment provider: sessions, refunds, disputes, webhooks, hosted pages, and faults on demand."""

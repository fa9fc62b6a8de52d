"""The Lambda side: settings, wiring, HTTP and observability."""

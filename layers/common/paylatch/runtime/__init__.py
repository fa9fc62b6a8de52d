"""The Lambda runtime: settings, wiring, HTTP and observability."""

"""The payment gateways, each an adapter behind the `Gateway` port."""

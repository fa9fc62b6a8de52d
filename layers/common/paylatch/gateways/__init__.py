"""The payment gateways, each an adapter that implements the `Gateway` port."""

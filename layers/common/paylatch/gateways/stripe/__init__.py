"""Stripe Checkout Sessions: the adapter, its calls, and Stripe's events."""

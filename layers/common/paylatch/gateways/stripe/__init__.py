"""Stripe Checkout Sessions: the adapter, its calls, and the events that Stripe sends."""

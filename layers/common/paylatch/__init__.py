"""Paylatch: an order-payment lock that gives the same order back when the payment stops."""

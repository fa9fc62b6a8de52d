"""Storage of orders: one contract, and two interpreters of the same transitions."""

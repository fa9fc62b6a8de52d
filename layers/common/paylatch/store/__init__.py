"""Where orders are kept: one contract, two interpreters of the same transitions."""

"""The names that stand for a gateway where an order is paid without one."""

# The gateway of an attempt that settled an order which costs nothing.
NO_GATEWAY = "none"
# The gateway of an attempt that a person declared.
MANUAL = "manual"
WITHOUT_A_GATEWAY = frozenset({NO_GATEWAY, MANUAL})

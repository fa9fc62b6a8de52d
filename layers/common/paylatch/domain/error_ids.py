"""The ids of the order, attempt and gateway that an error concerns, attached while it propagates."""

from collections.abc import Iterator
from contextlib import contextmanager

_NAMES = ("order_id", "attempt_id", "gateway")


@contextmanager
def concerning(*, order_id: str = "", attempt_id: str = "", gateway: str = "") -> Iterator[None]:
    """Within this context, attach these ids to each error that does not carry its own."""
    try:
        yield
    except Exception as error:
        for name, value in zip(_NAMES, (order_id, attempt_id, gateway), strict=True):
            if value and not _named(error, name):
                setattr(error, name, value)
        raise


def ids_of(error: Exception) -> dict[str, str]:
    """The ids that the error carries, of `order_id`, `attempt_id` and `gateway`."""
    return {name: value for name in _NAMES if (value := _named(error, name))}


def _named(error: Exception, name: str) -> str:
    value = getattr(error, name, "")
    return value if isinstance(value, str) else ""

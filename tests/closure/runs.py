"""The configurations of the closure, each run in its own process."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from tests.closure.closure import Closure, ClosureResult
from tests.closure.configuration import Configuration

# Run for every change; the largest first, so that two processes end at about the same time.
USUAL = (
    Configuration(name="payments", attempts=1, contents=2, payments=2),
    Configuration(name="attempts", attempts=3, contents=1, payments=1),
    Configuration(name="elsewhere", attempts=2, contents=1, payments=1, other_gateway=True, refused=True),
    Configuration(name="bounds", attempts=4, contents=1, payments=1, bounds=True),
    Configuration(name="returned money", attempts=2, contents=1, payments=1, returns=True, refused=True),
    Configuration(name="disputes", attempts=1, contents=1, payments=1, returns=True, disputes=1),
    Configuration(name="two disputes", attempts=1, contents=1, payments=1, disputes=2),
    Configuration(name="refunds", attempts=1, contents=1, payments=1, returns=True, requested=2),
    Configuration(name="disputed refunds", attempts=1, contents=1, payments=1, disputes=1, requested=2),
    Configuration(name="refunds by hand", attempts=1, contents=1, payments=0, requested=1),
    Configuration(name="guards alone", attempts=2, contents=2, payments=1, guards_alone=True, refused=True),
    Configuration(name="free order", attempts=2, contents=1, payments=1, free=True, refused=True),
    Configuration(name="late writes", attempts=1, contents=2, payments=1, late=True),
    Configuration(name="payment terms", attempts=1, contents=1, payments=1, terms=True, free=True),
    Configuration(name="payment links", attempts=1, contents=1, payments=1, free=True, links=True),
    Configuration(name="erasures", attempts=1, contents=1, payments=1, disputes=1, erased=True),
)
NIGHTLY = (
    Configuration(
        name="refunds, returns, disputes", attempts=1, contents=1, payments=1, returns=True, disputes=1, requested=2
    ),
    Configuration(name="attempts and contents", attempts=3, contents=2, payments=1),
    Configuration(name="disputes and returns", attempts=1, contents=1, payments=1, returns=True, disputes=2),
    Configuration(name="payments of two attempts", attempts=2, contents=2, payments=2),
    Configuration(name="attempts and payments", attempts=3, contents=2, payments=2),
    Configuration(name="payments elsewhere", attempts=2, contents=1, payments=2, other_gateway=True, refused=True),
    Configuration(name="returned payments", attempts=2, contents=1, payments=2, returns=True),
    Configuration(name="contents", attempts=3, contents=3, payments=1, refused=True),
)
# Small enough for a mutant that survives.
SMALL = (
    Configuration(name="one", attempts=1, contents=2, payments=1, refused=True, returns=True, guards_alone=True),
    Configuration(name="one disputed", attempts=1, contents=1, payments=1, disputes=1, guards_alone=True),
    Configuration(name="two attempts", attempts=2, contents=1, payments=1, refused=True, guards_alone=True),
    Configuration(name="small bounds", attempts=4, contents=1, payments=0, bounds=True),
    Configuration(name="one elsewhere", attempts=1, contents=1, payments=1, other_gateway=True, guards_alone=True),
    Configuration(name="one free", attempts=1, contents=1, payments=0, free=True, refused=True),
    Configuration(name="two payments", attempts=1, contents=1, payments=2, guards_alone=True),
    Configuration(name="one requested", attempts=1, contents=1, payments=1, requested=2),
    Configuration(name="one by hand", attempts=0, contents=1, payments=0, requested=1),
    Configuration(name="one with terms", attempts=1, contents=1, payments=0, terms=True, free=True),
    Configuration(name="one with links", attempts=1, contents=1, payments=0, free=True, links=True),
    Configuration(name="one erased", attempts=0, contents=1, payments=0, requested=1, links=True, erased=True),
)
# Writes that were planned from a read, carry no version and arrive late.
LATE = Configuration(name="small late writes", attempts=1, contents=2, payments=1, late=True)


def closed(configurations: Iterable[Configuration], workers: int) -> Iterator[ClosureResult]:
    """The result of each, in order of completion."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for run in as_completed([pool.submit(_close, configuration) for configuration in configurations]):
            yield run.result()


def _close(configuration: Configuration) -> ClosureResult:
    return Closure(configuration).run()

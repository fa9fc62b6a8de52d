"""The configurations that are closed, and their closures in processes of their own."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from tests.closure.closure import Closure, Result
from tests.closure.configuration import Configuration

# What a change must pass; the largest first, so that two processes end at about the same time.
USUAL = (
    Configuration(name="payments", attempts=2, contents=2, payments=2),
    Configuration(name="attempts", attempts=3, contents=2, payments=1),
    Configuration(name="elsewhere", attempts=2, contents=1, payments=1, elsewhere=True, refused=True),
)
NIGHTLY = (
    Configuration(name="payments elsewhere", attempts=2, contents=2, payments=2, elsewhere=True, refused=True),
    Configuration(name="attempts and payments", attempts=3, contents=2, payments=2),
)
# Small enough for a mutant that no closure notices.
SMALL = (
    Configuration(name="one", attempts=1, contents=2, payments=1, refused=True),
    Configuration(name="two payments", attempts=1, contents=1, payments=2, refused=True),
    Configuration(name="two attempts", attempts=2, contents=2, payments=1, refused=True),
    Configuration(name="one elsewhere", attempts=1, contents=1, payments=1, elsewhere=True, refused=True),
)
# A write without a version is found by law 2 at once; here, what it would do.
LATE = Configuration(name="late writes", attempts=1, contents=2, payments=1, late=True)


def closed(configurations: Iterable[Configuration], workers: int) -> Iterator[Result]:
    """The result of each as it comes."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for run in as_completed([pool.submit(_close, configuration) for configuration in configurations]):
            yield run.result()


def _close(configuration: Configuration) -> Result:
    return Closure(configuration).run()

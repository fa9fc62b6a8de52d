"""`make compare-lost-responses`: the same faults for Paylatch and for the alternatives of a Python team.

Each locks one order for one payment, without competitors, over the same connections, with the same timeouts and retries
of the SDK. A fault strikes a call site once / until the caller gives up; after an honest "unknown" the caller asks
again, twice at most. `assertion` and `503, true`: a true answer. FALSE: the answer says that another caller has the
order, or three calls do not confirm the lock. `+n` counts the requests beyond the SDK's retry.
"""

import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from local import emulator
from local.arguments import take_none
from local.ports import claim
from local.progress import say
from tests.faults.lock_comparison import rows_of_all_libraries
from tests.faults.matrix import LOST


def main() -> int:
    """Print both tables side by side; return 0 always, as the alternatives' answers are not ours to fail on."""
    take_none(__doc__)
    # No log output of the handlers: the refusals are expected here.
    os.environ |= {
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        "PYTHONWARNINGS": "ignore",
        "AWS_LAMBDA_FUNCTION_NAME": "compare",
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        emulator.running(claim(0, 0, 0).emulator, Path(folder)) as url,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
    ):
        found = pool.submit(rows_of_all_libraries, url).result()
    say(__doc__ or "")
    say(f"{'':<30}{'call site':<26}" + "".join(f"{fault:>24}" for fault in LOST))
    for row in found:
        say(f"{row.name:<30}{row.site:<26}" + "".join(f"{text:>24}" for text in row.texts))
    return 0


if __name__ == "__main__":
    sys.exit(main())

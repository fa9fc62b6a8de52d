"""`make kill-test`: the deployed stack under load, its processes killed and stalled at random; then an inventory."""

import argparse
import sys
import tempfile
import threading
import time
from pathlib import Path
from random import Random

from local import ports, tools
from local.stack import Plan, Stack, running
from tests.kill.customers import Customer, Ledger
from tests.kill.havoc import Havoc
from tests.kill.inventory import Inventory, taken

# A lock lasts a minute here, a sweep comes every minute, and a link is looked at a last time a minute after its end.
AT_REST_WITHIN = 480.0


def main() -> int:
    """Print what was done and what was found; 1 where a promise is broken."""
    options = _options()
    tools.require()
    with tempfile.TemporaryDirectory() as folder, running(Plan(ports.claim(0, 0, 0), Path(folder))) as (stack, _):
        havoc, ledger = Havoc(options.seed), Ledger()
        _storm(stack, havoc, ledger, options)
        told = ", ".join(f"{count} of {status or 'none'}" for status, count in sorted(ledger.answers.items()))
        _say(f"{options.customers} customers, {options.seconds} s, seed {options.seed}: {len(ledger.orders)} orders")
        _say(f"{havoc.killed} function processes killed, the emulator stalled {havoc.stalls} times; answers: {told}")
        return _judged(_at_rest(stack), ledger)


def _storm(stack: Stack, havoc: Havoc, ledger: Ledger, options: argparse.Namespace) -> None:
    end = time.monotonic() + options.seconds
    customers = [
        Customer(number, stack, ledger, Random(options.seed * 1000 + number)) for number in range(options.customers)
    ]
    threads = [threading.Thread(target=customer.shop_until, args=(end,)) for customer in customers]
    storm = threading.Thread(target=havoc.run)
    for thread in (*threads, storm):
        thread.start()
    for thread in threads:
        thread.join()
    havoc.stop()
    storm.join()


def _at_rest(stack: Stack) -> Inventory:
    """The inventory once nothing is owed, or as it is when that takes too long."""
    begin = time.monotonic()
    while not (found := taken(stack)).at_rest and time.monotonic() - begin < AT_REST_WITHIN:
        time.sleep(5)
    _say(f"at rest after {time.monotonic() - begin:.0f} s" if found.at_rest else "NOT AT REST")
    return found


def _judged(found: Inventory, ledger: Ledger) -> int:
    _say(f"orders: {dict(found.statuses)}; events: {found.events}; gaps in the history: {len(found.gaps)}")
    _say(
        f"captured {found.captured}, refunded {found.refunded}; attempts whose books do not balance: {len(found.books)}"
    )
    lost = ledger.orders - found.orders
    complaints = [*found.stuck, *found.gaps, *found.books, *ledger.lies, *(f"{order_id} is lost" for order_id in lost)]
    for complaint in complaints:
        _say(f"  BROKEN: {complaint}")
    return int(bool(complaints))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog='make kill-test ARGS="…"', description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="how long the storm lasts")
    parser.add_argument("--customers", type=int, default=8, help="how many clients at once")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

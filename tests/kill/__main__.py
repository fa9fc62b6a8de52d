"""`make kill-test`: the deployed stack under load, with processes killed and stalled at random; then an audit.

The killing goes on while the abandoned locks fall due, and is then mostly of timers.
"""

import argparse
import sys
import threading
import time
from random import Random

from local import tools
from local.arguments import at_least_one
from local.progress import say
from local.stack import Stack, temporary
from tests.kill.audit import Audit, run_audit
from tests.kill.chaos import Chaos
from tests.kill.load_clients import ClientLog, LoadClient

# A lock lasts a minute here, a sweep comes every minute, and a link's final check is a minute after its end.
AT_REST_WITHIN = 480.0
# After the load, while the abandoned locks fall due.
TIMERS_RUN_FOR = 75.0
TIMERS = "TimersFunction"


def main() -> int:
    """Print the load and the findings; return 1 where an invariant is violated."""
    options = _options()
    tools.require()
    with temporary() as stack:
        chaos, client_log = Chaos(options.seed), ClientLog()
        _run_load(stack, chaos, client_log, options)
        statuses = ", ".join(f"{count} of {status or 'none'}" for status, count in sorted(client_log.answers.items()))
        say(f"{options.clients} clients, {options.seconds} s, seed {options.seed}: {len(client_log.orders)} orders")
        say(
            f"{chaos.killed.total()} function processes killed, {chaos.killed[TIMERS]} of them timers, "
            f"the emulator stalled {chaos.stalls} times; answers: {statuses}"
        )
        return _report(_at_rest(stack), client_log) or int(not chaos.killed[TIMERS])


def _run_load(stack: Stack, chaos: Chaos, client_log: ClientLog, options: argparse.Namespace) -> None:
    end = time.monotonic() + options.seconds
    clients = [
        LoadClient(number, stack, client_log, Random(options.seed * 1000 + number)) for number in range(options.clients)
    ]
    threads = [threading.Thread(target=client.run_until, args=(end,)) for client in clients]
    chaos_thread = threading.Thread(target=chaos.run)
    for thread in (*threads, chaos_thread):
        thread.start()
    for thread in threads:
        thread.join()
    chaos.favoured = TIMERS
    time.sleep(TIMERS_RUN_FOR)
    chaos.stop()
    chaos_thread.join()


def _at_rest(stack: Stack) -> Audit:
    """The audit once nothing is owed, or at the time limit."""
    begin = time.monotonic()
    while not (found := run_audit(stack)).at_rest and time.monotonic() - begin < AT_REST_WITHIN:
        time.sleep(5)
    say(f"at rest after {time.monotonic() - begin:.0f} s" if found.at_rest else "NOT AT REST")
    return found


def _report(found: Audit, client_log: ClientLog) -> int:
    say(f"orders: {dict(found.statuses)}; events: {found.events}; gaps in the history: {len(found.gaps)}")
    say(
        f"captured {found.captured}, refunded {found.refunded}; "
        f"attempts whose ledger does not balance: {len(found.imbalances)}"
    )
    lost = client_log.orders - found.orders
    findings = [
        *found.stuck,
        *found.gaps,
        *found.imbalances,
        *client_log.contradictions,
        *(f"{order_id} is lost" for order_id in lost),
    ]
    for finding in findings:
        say(f"  VIOLATED: {finding}")
    return int(bool(findings))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog='make kill-test ARGS="…"', description=__doc__)
    parser.add_argument("--seconds", type=at_least_one, default=60, help="how long the load lasts")
    parser.add_argument("--clients", type=at_least_one, default=8, help="how many clients at once")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""`python -m retention TABLE`: have a stack with `RetentionDays` look at orders that finished before it had them."""

import argparse
import sys
import time
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError

from paylatch.domain.errors import PaylatchError
from paylatch.store.connection import TableConnection
from retention.scheduling import schedule_finished_orders


def main() -> int:
    """Schedule the orders and print how many there are; return 1 with the cause where that fails."""
    parser = argparse.ArgumentParser(prog="python -m retention", description=__doc__)
    parser.add_argument("table", help="name of the orders' table, the stack's output TableName")
    parser.add_argument("--region", help="the stack's region (default: that of the AWS profile)")
    options = parser.parse_args()
    try:
        found = schedule_finished_orders(TableConnection(options.table, options.region), datetime.now(UTC), time.sleep)
    except (PaylatchError, BotoCoreError) as error:
        # The store's error has the bare name of what the SDK refuses to send, not which region or profile is wrong.
        print(f"{options.table}: {error.__cause__ or error}", file=sys.stderr)
        return 1
    print(f"The stack looks at {found} finished orders.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

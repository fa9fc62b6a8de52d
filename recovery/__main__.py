"""`python -m recovery TABLE`: make a restored table one that a stack can work on, and print the parameters for it."""

import argparse
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from recovery.adopt_table import NotAnOrdersTable, adopt_table


def main() -> int:
    """Adopt the table; return 1 with the cause where that fails."""
    options = _options()
    try:
        # A wrong profile or region fails here.
        client = boto3.Session(region_name=options.region).client("dynamodb")
        stream = adopt_table(options.table, client, protected=options.protected, tags=dict(options.tag))
    except (NotAnOrdersTable, ClientError, BotoCoreError) as error:
        print(f"{options.table}: {error}", file=sys.stderr)
        return 1
    # A canary would leave most requests to functions whose role has lost its right to their table.
    print(f"TableSource=restored RestoredStreamArn={stream} Canary=never")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m recovery", description=__doc__)
    parser.add_argument("table", help="name of the restored table")
    parser.add_argument("--region", help="the stack's region (default: that of the AWS profile)")
    parser.add_argument("--protected", action="store_true", help="protect it against deletion, as Stage=prod does")
    parser.add_argument("--tag", type=_pair, action="append", default=[], metavar="KEY=VALUE", help="a tag for it")
    return parser.parse_args()


def _pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not key or not sign:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value


if __name__ == "__main__":
    sys.exit(main())

"""`python -m openapi`: write the contract into the file that `GET /openapi.json` answers with, and the events' schemas.

`python -m openapi --breaking OLD NEW`: list what breaks clients of OLD in NEW, two such files; ends with 1 where
anything does.
"""

import argparse
import sys

from local.arguments import json_object
from openapi.asyncapi import SCHEMAS, event_files
from openapi.breaking_changes import breaking_changes
from openapi.document import PUBLISHED, published_text


def main() -> int:
    """Do what the arguments ask for; the process's exit status."""
    parser = argparse.ArgumentParser(prog="python -m openapi", description=__doc__)
    parser.add_argument("--breaking", nargs=2, type=json_object, metavar=("OLD", "NEW"), help="compare two contracts")
    options = parser.parse_args()
    if options.breaking is None:
        _write()
        return 0
    changes = breaking_changes(*options.breaking)
    sys.stdout.writelines(f"{change}\n" for change in changes)
    return int(bool(changes))


def _write() -> None:
    PUBLISHED.write_text(published_text())
    SCHEMAS.mkdir(exist_ok=True)
    for path, text in event_files().items():
        path.write_text(text)


if __name__ == "__main__":
    sys.exit(main())

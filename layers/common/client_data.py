"""What botocore reads to make a client, reduced to the services that the functions call.

`python client_data.py BOTOCORES_DATA FOLDER SERVICE…` writes it into the folder, when the layer is built. The endpoints
of all services are a tenth of a cold start; of a service's description, most is documentation.
"""

import gzip
import json
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

ENDPOINTS = "endpoints.json"
MODEL = "service-2.json"


def write_client_data(botocores: Path, folder: Path, services: Collection[str]) -> None:
    """Write the endpoints of these services, and their models without documentation."""
    endpoints = json.loads((botocores / ENDPOINTS).read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: found for name, found in partition["services"].items() if name in services}
    _write(folder / ENDPOINTS, endpoints)
    for service in services:
        for path in sorted((botocores / service).glob(f"*/{MODEL}.gz")):
            model = json.loads(gzip.decompress(path.read_bytes()))
            _write(folder / service / path.parent.name / MODEL, without_documentation(model))


def without_documentation(described: Any) -> Any:
    """The description without texts for readers; a shape's member of that name is not a text."""
    if isinstance(described, list):
        return [without_documentation(each) for each in described]
    if not isinstance(described, dict):
        return described
    return {
        name: without_documentation(value)
        for name, value in described.items()
        if not (name == "documentation" and isinstance(value, str))
    }


def _write(path: Path, document: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, separators=(",", ":")))


if __name__ == "__main__":
    write_client_data(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])

"""The HTTP contract as OpenAPI 3.1."""

from typing import Any


def openapi_document() -> dict[str, Any]:
    """The document that `GET /openapi.json` answers with."""
    return {"openapi": "3.1.0", "info": {"title": "Paylatch", "version": "1.0.0"}, "paths": {}}

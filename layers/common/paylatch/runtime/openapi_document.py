"""The HTTP contract as OpenAPI 3.1."""

from typing import Any


def openapi_document() -> dict[str, Any]:
    """The document that `GET /openapi.json` answers with."""
    # Imported here: a function that never answers with it never builds it.
    from paylatch.runtime.openapi.document import document

    return document()

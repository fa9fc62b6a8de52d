"""The HTTP contract as OpenAPI 3.1."""

from typing import Any


def openapi_document() -> dict[str, Any]:
    """The document that `GET /openapi.json` answers with."""
    # Imported here, so that only functions that serve the document build it.
    from paylatch.runtime.openapi.document import document

    return document()

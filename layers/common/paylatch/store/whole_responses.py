"""A check that DynamoDB's responses are complete: the SDK reads a successful response without JSON as empty."""

import json
from typing import Any
from zlib import crc32

from botocore.parsers import ResponseParserError

CHECKSUM = "x-amz-crc32"


def require_whole(**parsing: Any) -> None:
    """Raise `ResponseParserError` for a damaged successful response, which may have answered a write."""
    response_dict = parsing["response_dict"]
    if response_dict["status_code"] >= 300:
        return
    body, checksum = response_dict["body"], response_dict["headers"].get(CHECKSUM)
    if not (_is_json_object(body) if checksum is None else str(crc32(body)) == checksum):
        raise ResponseParserError("the response of DynamoDB is damaged")


def _is_json_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False

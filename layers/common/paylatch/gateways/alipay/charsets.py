"""The charsets of Alipay: UTF-8 or one of China's older ones. Alipay signs the encoded bytes."""

import re

from paylatch.gateways.fields import Malformed

# The charsets that Alipay documents, with Python's names.
_CODECS = {"utf-8": "utf-8", "utf8": "utf-8", "gbk": "gbk", "gb2312": "gbk", "gb18030": "gb18030"}
_DECLARED = r"charset\s*=\s*\"?([^\s\";,]+)"
_LONGEST_NAME = 40


def declared_charset(content_type: str | None) -> str | None:
    """The charset in a Content-Type header; None where it has none."""
    found = re.search(_DECLARED, content_type or "", re.IGNORECASE)
    return found[1] if found else None


def codec_of(charset: str) -> str:
    """Python's name of that charset. Raises `Malformed` for one that Alipay does not document."""
    codec = _CODECS.get(charset.lower())
    if codec is None:
        raise Malformed(f"the charset {charset[:_LONGEST_NAME]} is none of Alipay's")
    return codec


def decoded(octets: bytes, codec: str) -> str:
    """The text of these bytes. Raises `Malformed` where they are not text in that charset."""
    try:
        text = octets.decode(codec)
        if text.encode(codec) == octets:
            return text
    except UnicodeError:
        pass
    raise Malformed(f"it is not written in {codec}")


def codec_found(octets: bytes) -> str:
    """The charset of a body without a declared one: UTF-8 where the body is valid UTF-8, else GBK."""
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return "gbk"
    return "utf-8"

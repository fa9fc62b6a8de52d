"""Access of this machine's programs to the emulator, and to nothing but the emulator."""

import os
from pathlib import Path

import boto3

REGION = "us-east-1"
_KEY = "test"

# A developer's own profile, proxy or instance role must not reach the local stack.
_AWS_ONLY_HERE = {
    "AWS_ACCESS_KEY_ID": _KEY,
    "AWS_SECRET_ACCESS_KEY": _KEY,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": "127.0.0.1,localhost",
}
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TERM", "VIRTUAL_ENV")


def environment(**more: str) -> dict[str, str]:
    """A clean environment for a child process that talks to the emulator."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | _AWS_ONLY_HERE | more


def session() -> boto3.Session:
    """A session whose credentials only the emulator accepts."""
    return boto3.Session(aws_access_key_id=_KEY, aws_secret_access_key=_KEY, region_name=REGION)


def function_arn(name: str) -> str:
    """The ARN of a function in the emulator's only account."""
    return f"arn:aws:lambda:{REGION}:000000000000:function:{name}"


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, for a message about what went wrong."""
    if not log.exists():
        return "(nothing was logged)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])

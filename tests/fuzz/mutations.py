"""Mutations of a callback: of its bytes, its headers, and the values inside it."""

import json
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode

ODD_TEXTS = (
    "",
    " ",
    "\x00",
    "\udcff",
    "\u0661\u0662",
    "é",
    "1" * 5000,
    "-1",
    "1e309",
    "NaN",
    "true",
    "2026-02-30 25:61:61",
    "9999-12-31 23:59:59",
    "0000-00-00 00:00:00",
    "v1,",
    "t=,v1=",
    "=;,=",
    "algorithm=MD5",
    "A" * 300,
)
ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**30,
    float("inf"),
    [],
    {},
    [[]],
    {"": None},
    *ODD_TEXTS,
)


def corrupted_bytes(random: Random, body: bytes, others: Sequence[bytes]) -> bytes:
    """The body with one to three mutations of its bytes."""
    for _ in range(random.randint(1, 3)):
        body = random.choice(_BYTES)(random, body, others)
    return body


def corrupted_headers(random: Random, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers with one of them mutated."""
    corrupted = dict(headers)
    if not corrupted:
        return {"x": random.choice(ODD_TEXTS)}
    name = random.choice(sorted(corrupted))
    value = corrupted.pop(name)
    match random.randrange(5):
        case 0:
            pass
        case 1:
            corrupted[name] = random.choice(ODD_TEXTS)
        case 2:
            place = random.randrange(len(value) + 1)
            corrupted[name] = value[:place] + random.choice(ODD_TEXTS) + value[place:]
        case 3:
            corrupted[name] = corrupted_bytes(random, value.encode(), [b","]).decode("utf-8", "surrogateescape")
        case 4:
            corrupted[name] = f"{value}{random.choice(',; ')}{value}"
    return corrupted


def corrupted_json(random: Random, body: bytes) -> bytes:
    """The document with one of its values replaced, taken out or added."""
    document = json.loads(body)
    places = list(_places(document))
    holder, key = random.choice(places)
    match random.randrange(4):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[random.choice(ODD_TEXTS)] = random.choice(ODD_VALUES)
        case 2:
            other_holder, other_key = random.choice(places)
            holder[key] = json.loads(json.dumps(other_holder[other_key])) if other_key in _keys(other_holder) else None
        case _:
            holder[key] = random.choice(ODD_VALUES)
    if not random.randrange(50):
        return json.dumps([document] * 2).encode() if random.random() < 0.5 else b"[" * random.randint(1, 200_000)
    return json.dumps(document).encode()


def corrupted_form(random: Random, body: bytes) -> dict[str, str]:
    """The parameters with one of their values replaced, taken out or added."""
    parameters = dict(parse_qsl(body.decode(), keep_blank_values=True))
    name = random.choice(sorted(parameters))
    match random.randrange(4):
        case 0:
            del parameters[name]
        case 1:
            parameters[random.choice(ODD_TEXTS)] = random.choice(ODD_TEXTS)
        case 2:
            parameters[name] = parameters[random.choice(sorted(parameters))]
        case _:
            parameters[name] = random.choice(ODD_TEXTS)
    return parameters


def form_body(parameters: Mapping[str, str]) -> bytes:
    return urlencode(parameters, errors="backslashreplace").encode()


def _places(value: Any) -> Any:
    if isinstance(value, dict):
        for key, item in value.items():
            yield value, key
            yield from _places(item)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield value, place
            yield from _places(item)


def _keys(holder: Any) -> Any:
    return holder if isinstance(holder, dict) else range(len(holder))


def _flip(random: Random, body: bytes, others: Sequence[bytes]) -> bytes:
    changed = bytearray(body or b"\x00")
    changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _cut(random: Random, body: bytes, others: Sequence[bytes]) -> bytes:
    start = random.randrange(len(body) + 1)
    return body[:start] + body[start + random.randint(1, 40) :]


def _insert(random: Random, body: bytes, others: Sequence[bytes]) -> bytes:
    start = random.randrange(len(body) + 1)
    return body[:start] + random.randbytes(random.randint(1, 8)) + body[start:]


def _repeat(random: Random, body: bytes, others: Sequence[bytes]) -> bytes:
    start = random.randrange(len(body) + 1)
    return body[: start + random.randint(0, 40)] + body[start:]


def _splice(random: Random, body: bytes, others: Sequence[bytes]) -> bytes:
    other = random.choice(others)
    return body[: random.randrange(len(body) + 1)] + other[random.randrange(len(other) + 1) :]


def _anything(random: Random, body: bytes, others: Sequence[bytes]) -> bytes:
    return random.randbytes(random.randrange(200))


_BYTES: tuple[Callable[[Random, bytes, Sequence[bytes]], bytes], ...] = (
    _flip,
    _cut,
    _insert,
    _repeat,
    _splice,
    _anything,
)

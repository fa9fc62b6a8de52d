"""Unit tests open no connections."""

import socket
from typing import NoReturn

import pytest


class NetworkTouched(Exception):
    """A unit test tried to open a connection."""


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        raise NetworkTouched("unit tests stay inside this process")

    for call in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, call, refuse)

"""`make dev` names every port that another program has, with ports to take instead."""

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from local import ports


@pytest.fixture
def taken() -> Iterator[list[int]]:
    """Two ports of another program."""
    with ExitStack() as programs:
        sockets = [programs.enter_context(socket.socket()) for _ in range(2)]
        for each in sockets:
            each.bind((ports.HOST, 0))
            each.listen()
        yield [each.getsockname()[1] for each in sockets]


def test_every_taken_port_is_named_at_once_with_a_free_one_to_take_instead(taken: list[int]) -> None:
    api, pages = taken
    with pytest.raises(ports.PortTaken, match=f"Ports {api} and {pages} are taken") as refused:
        ports.claim(api, 0, 0, pages)
    options = dict(re.findall(r"(--[a-z]+-port) (\d+)", str(refused.value)))
    assert options.keys() == {"--api-port", "--pages-port"}
    ports.claim(int(options["--api-port"]), 0, 0, int(options["--pages-port"]))


def test_one_taken_port_is_named_alone(taken: list[int]) -> None:
    with pytest.raises(ports.PortTaken, match=rf"^Port {taken[0]} is taken .*--emulator-port \d+\"$"):
        ports.claim(0, 0, taken[0])


def test_free_ports_are_as_they_were_asked_for() -> None:
    found = ports.claim(0, 0, 0)
    assert ports.claim(found.api, found.sandbox, found.emulator, found.pages) == found

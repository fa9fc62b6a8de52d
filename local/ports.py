"""The ports of the local stack: the ones asked for, or any that are free."""

import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass

HOST = "127.0.0.1"


class PortTaken(Exception):
    """Ports that the local stack needs belong to other programs."""

    def __init__(self, taken: Mapping[str, int]) -> None:
        named = " and ".join(f"{port}" for port in taken.values())
        others = " ".join(f"{option} {_free_above(port)}" for option, port in taken.items())
        subject = f"Port {named} is" if len(taken) == 1 else f"Ports {named} are"
        super().__init__(f'{subject} taken by another program; choose others, for example: make dev ARGS="{others}"')


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the parts of one local stack listen."""

    api: int
    sandbox: int
    emulator: int
    pages: int


def claim(api: int, sandbox: int, emulator: int, pages: int = 0) -> Ports:
    """The requested ports, each checked to be free; 0 stands for any free one. Raises `PortTaken`."""
    wanted = asdict(Ports(api, sandbox, emulator, pages))
    bound = {name: port for name, asked in wanted.items() if (port := _bound(asked)) is not None}
    if bound.keys() != wanted.keys():
        raise PortTaken({f"--{name}-port": port for name, port in wanted.items() if name not in bound})
    return Ports(**bound)


def listens(port: int) -> bool:
    """Whether a server listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _free_above(port: int) -> int:
    """A free port a hundred above, or some hundreds; 0, which stands for any, where there is none."""
    return next((other for other in range(port + 100, 65_536, 100) if _bound(other) is not None), 0)


def _bound(port: int) -> int | None:
    """The port, or for 0 any free one; None where it is taken."""
    with socket.socket() as probe:
        # Like the servers, this treats a port as free while its last connections are still closing.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return None
        chosen: int = probe.getsockname()[1]
        return chosen

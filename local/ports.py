"""The ports of the local stack: the ones asked for, or any that are free."""

import socket
from dataclasses import dataclass

HOST = "127.0.0.1"


class PortTaken(Exception):
    """A port that the local stack needs belongs to another program."""

    def __init__(self, port: int, option: str) -> None:
        super().__init__(
            f"Port {port} is taken by another program; choose another one with {option}, "
            f'for example: make dev ARGS="{option} {port + 100}"'
        )


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the parts of one local stack listen."""

    api: int
    sandbox: int
    emulator: int
    pages: int


def claim(api: int, sandbox: int, emulator: int, pages: int = 0) -> Ports:
    """The requested ports, each checked to be free; 0 stands for any free one."""
    return Ports(
        api=_claim_one(api, "--api-port"),
        sandbox=_claim_one(sandbox, "--sandbox-port"),
        emulator=_claim_one(emulator, "--emulator-port"),
        pages=_claim_one(pages, "--pages-port"),
    )


def listens(port: int) -> bool:
    """Whether a server listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _claim_one(port: int, option: str) -> int:
    with socket.socket() as probe:
        # Like the servers, this treats a port as free while its last connections are still closing.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PortTaken(port, option) from error
        chosen: int = probe.getsockname()[1]
        return chosen

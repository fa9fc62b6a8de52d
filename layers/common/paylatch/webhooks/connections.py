"""Connections that end after some seconds: a receiver may send a byte now and then, so that no read ever times out."""

import socket
from contextlib import suppress
from threading import Timer

from urllib3.connection import HTTPConnection, HTTPSConnection

# From the connection to the status: longer than the wait for a byte, and so short that the function ends in time.
LONGEST_SECONDS = 15.0


class EndingConnection(HTTPConnection):
    """A connection that is shut after the longest time; a read then gets its end."""

    _end: Timer | None = None

    def connect(self) -> None:
        super().connect()
        self._end = Timer(LONGEST_SECONDS, _shut, [self.sock])
        self._end.daemon = True
        self._end.start()

    def close(self) -> None:
        if self._end is not None:
            self._end.cancel()
        super().close()


class EndingTlsConnection(EndingConnection, HTTPSConnection):
    """The same over TLS."""


def _shut(connected: socket.socket) -> None:
    with suppress(OSError):
        # Not the method of a TLS socket: it drops the TLS layer while another thread reads from it.
        socket.socket.shutdown(connected, socket.SHUT_RDWR)

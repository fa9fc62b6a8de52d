"""Kill function workers at random and stall the emulator. Only descendants of this process are affected."""

import contextlib
import os
import re
import signal
import subprocess
import threading
from collections import Counter
from dataclasses import dataclass, field
from random import Random

EMULATOR = "-m ministack"


@dataclass(slots=True)
class Chaos:
    """Runs in its own thread until `stop`; counts its kills, by function, and its stalls.

    Every second kill is of the `favoured` function, where one of its processes runs.
    """

    seed: int
    favoured: str = ""
    killed: Counter[str] = field(default_factory=Counter)
    stalls: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Kill a worker about every second; sometimes stall the emulator for up to three."""
        random = Random(self.seed)
        emulator = _emulator()
        while not self._over.wait(random.uniform(0.3, 1.5)):
            if random.random() < 0.25:
                self._stall(emulator, random.uniform(0.5, 3.0))
            else:
                self._kill_one(emulator, random)

    def stop(self) -> None:
        self._over.set()

    def _stall(self, emulator: int, seconds: float) -> None:
        self.stalls += 1
        os.kill(emulator, signal.SIGSTOP)
        try:
            self._over.wait(seconds)
        finally:
            os.kill(emulator, signal.SIGCONT)

    def _kill_one(self, emulator: int, random: Random) -> None:
        workers = {pid: _function_of(command) for pid, parent, command in _processes() if parent == emulator}
        favoured = [pid for pid, function in workers.items() if function == self.favoured]
        chosen = favoured if favoured and random.random() < 0.5 else list(workers)
        if chosen:
            pid = random.choice(chosen)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.killed[workers[pid]] += 1


def _function_of(command: str) -> str:
    """The function of a worker, by the folder that the emulator made for it."""
    found = re.search(r"-(\w+Function)-", command)
    return found[1] if found else "another"


def _emulator() -> int:
    """The emulator's process, a child of ours."""
    (found,) = [pid for pid, parent, command in _processes() if parent == os.getpid() and EMULATOR in command]
    return found


def _processes() -> list[tuple[int, int, str]]:
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = (line.split(maxsplit=2) for line in listed.splitlines())
    return [(int(row[0]), int(row[1]), row[2] if len(row) > 2 else "") for row in rows]

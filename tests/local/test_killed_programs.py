"""A killed program leaves no child process running."""

import signal
import subprocess
import sys

import pytest

WITHIN = 30
# Starts a process group of two, which hold its output open, and has the group end with itself.
PROGRAM = """
import os, signal, subprocess, sys
from local.process_groups import ending_with_this_process
# A parent that ignores hang-ups, as nohup does, hands that down.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
two = [sys.executable, "-c", "import subprocess; subprocess.run(['sleep', '600'])"]
group = subprocess.Popen(two, start_new_session=True, stdin=subprocess.DEVNULL)
with ending_with_this_process(group.pid):
    print("started", flush=True)
    sys.stdin.readline()
print("ended" if group.poll() else "left alone", flush=True)
os.killpg(group.pid, signal.SIGKILL)
"""


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_killed_program_ends_what_it_started(program: "subprocess.Popen[str]", sign: signal.Signals) -> None:
    program.send_signal(sign)

    # The output ends once no process is left that could write to it.
    assert program.communicate(timeout=WITHIN)[0] == ""
    assert program.returncode == -sign


def test_a_program_that_ends_in_order_decides_itself_about_what_it_started(program: "subprocess.Popen[str]") -> None:
    assert program.communicate("go on\n", timeout=WITHIN)[0] == "left alone\n"


@pytest.fixture
def program() -> "subprocess.Popen[str]":
    """The program, when it has started its group."""
    started = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "started\n"
    return started

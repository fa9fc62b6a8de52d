"""`make invoke` uses the Docker that its caller uses, where a container there can reach the stack."""

import pytest

from local.docker import docker_environment
from local.invoke import _docker_runs, docker_is_here


def test_the_callers_docker_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/user/1000/docker.sock")
    monkeypatch.setenv("DOCKER_CONTEXT", "rootless")
    monkeypatch.setenv("AWS_PROFILE", "production")

    passed = docker_environment()
    assert passed["DOCKER_HOST"] == "unix:///run/user/1000/docker.sock"
    assert passed["DOCKER_CONTEXT"] == "rootless"
    assert "AWS_PROFILE" not in passed


@pytest.mark.parametrize(
    ("docker_host", "here"),
    [
        ("", True),
        ("unix:///var/run/docker.sock", True),
        ("tcp://127.0.0.1:2375", True),
        ("tcp://localhost:2375", True),
        ("tcp://build.example.com:2376", False),
        ("ssh://me@build.example.com", False),
    ],
)
def test_a_container_on_another_machine_cannot_reach_the_stack(docker_host: str, here: bool) -> None:
    assert docker_is_here(docker_host) is here


def test_a_remote_docker_is_not_used_and_the_reason_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://build.example.com:2376")

    assert _docker_runs() is False
    assert "running without Docker" in capsys.readouterr().err

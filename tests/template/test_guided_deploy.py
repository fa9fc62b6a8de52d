"""A first deployment works with Enter at every question of the SAM CLI."""

import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import aws, deploy, emulator, ports, tools

QUESTIONS = 80


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an AWS account in which nothing was ever deployed."""
    with emulator.running(ports.claim(0, 0, 0).emulator, tmp_path_factory.mktemp("account")) as url:
        yield url


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of the project in which `make build` has been run."""
    clone = tmp_path_factory.mktemp("clone")
    for name in ("Makefile", "samconfig.toml", "template.yaml"):
        shutil.copy(tools.ROOT / name, clone)
    for name in (".local", "layers", "requirements"):
        (clone / name).symlink_to(tools.ROOT / name)
    built = clone / ".aws-sam"
    built.mkdir()
    deploy.build(built)
    return clone


def test_enter_at_every_prompt_deploys(account: str, project: Path) -> None:
    output = guided(account, project, "paylatch")

    assert "has no authentication" not in output
    assert "Successfully created/updated stack - paylatch in" in output


def test_a_second_stack_leaves_the_first_ones_configuration_alone(account: str, project: Path) -> None:
    guided(account, project, "shop-test", "--no-execute-changeset")
    first = configuration(project)["shop-test"]
    guided(account, project, "shop-prod", "--no-execute-changeset")

    assert configuration(project)["shop-test"] == first
    assert first["deploy"]["parameters"]["stack_name"] == "shop-test"
    assert configuration(project)["shop-prod"]["deploy"]["parameters"]["stack_name"] == "shop-prod"


def guided(account: str, project: Path, stack: str, *arguments: str) -> str:
    """What is printed when nothing but Enter is pressed."""
    done = subprocess.run(
        ["make", "--old-file=build", "deploy", f"STACK={stack}", f"ARGS=--guided {' '.join(arguments)}"],
        cwd=project,
        env=aws.environment(AWS_ENDPOINT_URL=account),
        input="\n" * QUESTIONS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def configuration(project: Path) -> dict[str, dict[str, dict[str, dict[str, str]]]]:
    """What the SAM CLI has saved, by stack, command and parameters."""
    return tomllib.loads((project / "samconfig.toml").read_text())

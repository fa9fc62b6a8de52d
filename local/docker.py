"""Run one function in Lambda's own container image, through `sam local invoke`."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from cfnlint.decode import decode_str

from local import aws
from local.tools import LOCAL, ROOT, SAM


def invoke_in_docker(logical_id: str, event: Path, environment: Mapping[str, str]) -> str:
    """The function's response to the event."""
    template = _build_with_environment(environment)
    # The emulator listens on this machine's loopback only, which a container sees on the host's network alone.
    return _sam("local", "invoke", logical_id, "--event", str(event), "--template", str(template), *_HOST_NETWORK)


_HOST_NETWORK = ("--docker-network", "host", "--region", aws.REGION)


def _build_with_environment(environment: Mapping[str, str]) -> Path:
    """The built template with the environment in it: SAM passes only variables that the template declares."""
    build_dir = ROOT / ".aws-sam" / "build"
    _sam("build", "--build-dir", str(build_dir))
    template, _ = decode_str((build_dir / "template.yaml").read_text())
    assert template is not None
    template["Globals"]["Function"]["Environment"]["Variables"].update(environment)
    configured_template = build_dir / "configured.json"
    configured_template.write_text(json.dumps(template))
    return configured_template


def _sam(*arguments: str) -> str:
    environment = aws.environment(SAM_CLI_TELEMETRY="0", UV=str(LOCAL / "uv" / "bin" / "uv"), **docker_environment())
    done = subprocess.run(
        [str(SAM), *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def docker_environment() -> dict[str, str]:
    """The caller's Docker settings."""
    return {name: value for name, value in os.environ.items() if name.startswith("DOCKER_")}

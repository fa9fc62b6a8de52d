"""Build and deploy the real template to the emulator, as `sam build && sam deploy` does on AWS."""

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local import aws
from local.tools import ROOT, SAM, WHEELS

STACK_NAME = "paylatch-local"
# An alarm's property as `sam build` writes it.
_METRIC_MATH = re.compile(r"^      Metrics:\n(?:      - .*\n|       +.*\n)+", re.MULTILINE)
_METRIC = re.compile(r"Namespace: (\S+)\n +MetricName: (\S+)\n")


class DeployFailed(Exception):
    """SAM refused the template or the emulator refused the stack."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployed stack: where it is, its outputs, and the names of its functions by logical id."""

    endpoint: str
    outputs: Mapping[str, str]
    functions: Mapping[str, str]


def build(run_dir: Path) -> Path:
    """Build the template, with layer wheels for this machine instead of Lambda; return the built template."""
    build_dir = run_dir / "build"
    remove_bytecode(ROOT / "functions")
    _sam(
        ["build", "--template", str(ROOT / "template.yaml"), "--build-dir", str(build_dir)],
        run_dir,
        WHEELS_FROM=str(WHEELS),
    )
    built = build_dir / "template.yaml"
    built.write_text(for_the_emulator(built.read_text()))
    return built


def for_the_emulator(template: str) -> str:
    """The template with what the emulator wants differently from AWS.

    Its policies have an action of their own for `SendMessageBatch`; on AWS, `sqs:SendMessage` allows it. Its alarms
    compute nothing: one on a share of two metrics watches the first. Its functions have no aliases, because tests
    change a function while it runs: whatever calls one calls what it is now.
    """
    template = re.sub(r"^    AutoPublishAlias\w*: .*\n", "", template, flags=re.MULTILINE)
    template = re.sub(r"Ref: (\w+)\.Alias$", r"Ref: \1", template, flags=re.MULTILINE)
    template = re.sub(r"sqs:SendMessage$", "sqs:SendMessage*", template, flags=re.MULTILINE)
    return _METRIC_MATH.sub(_first_metric, template)


def _first_metric(metrics: re.Match[str]) -> str:
    first = _METRIC.search(metrics[0])
    if first is None:
        raise DeployFailed(f"an alarm's metrics name none:\n{metrics[0]}")
    lines = (f"Namespace: {first[1]}", f"MetricName: {first[2]}", "Statistic: Sum", "Period: 300")
    return "".join(f"      {line}\n" for line in lines)


def remove_bytecode(functions: Path) -> None:
    """Remove Python's compiled files there: SAM puts a function's whole folder into its zip."""
    for folder in list(functions.rglob("__pycache__")):
        shutil.rmtree(folder, ignore_errors=True)


def deploy(built: Path, endpoint: str, parameters: Mapping[str, str], run_dir: Path) -> Deployment:
    """Deploy the built template and read the stack's outputs and resources."""
    _sam(
        [
            "deploy",
            *("--template-file", str(built)),
            *("--stack-name", STACK_NAME),
            "--resolve-s3",
            *("--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"),
            "--no-confirm-changeset",
            "--no-progressbar",
            *("--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())),
        ],
        run_dir,
        AWS_ENDPOINT_URL=endpoint,
    )
    return Deployment(endpoint, _outputs(endpoint), _functions(endpoint))


def logical_id(folder: str) -> str:
    """The function's name in the template: `payment_requests` is `PaymentRequestsFunction`."""
    return "".join(word.capitalize() for word in folder.split("_")) + "Function"


def _sam(arguments: Sequence[str], run_dir: Path, **more: str) -> None:
    log = run_dir / f"sam-{arguments[0]}.log"
    with log.open("wb") as output:
        # Run in the run's own folder: the project's samconfig.toml is for deployments to AWS.
        done = subprocess.run(
            [str(SAM), *arguments],
            cwd=run_dir,
            env=aws.environment(SAM_CLI_TELEMETRY="0", **more),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise DeployFailed(f"sam {arguments[0]} failed:\n{aws.tail(log)}")


def _outputs(endpoint: str) -> dict[str, str]:
    client = aws.session().client("cloudformation", endpoint_url=endpoint)
    (stack,) = client.describe_stacks(StackName=STACK_NAME)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def _functions(endpoint: str) -> dict[str, str]:
    client = aws.session().client("cloudformation", endpoint_url=endpoint)
    pages = client.get_paginator("list_stack_resources").paginate(StackName=STACK_NAME)
    return {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in pages
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::Lambda::Function"
    }

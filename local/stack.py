"""A whole local stack: emulator, deployed template, routes, reverse proxies and test users."""

import contextlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from local import aws, deploy, event_sources, http_routes, reverse_proxy, test_users
from local.api_client import ApiClient, HttpTransport
from local.emulator import running as emulator_running
from local.ports import HOST, Ports, claim, listens
from local.progress import step
from local.warm_up import warm_up

# Where the development servers of browser pages usually are.
ALLOWED_ORIGINS = "http://localhost:5173,http://localhost:8080"


@dataclass(frozen=True, slots=True)
class Stack:
    """The description of a running stack for clients; the content of `stack.json`."""

    api_url: str
    sandbox_url: str
    tokens: Mapping[str, str] = field(repr=False)
    buyer_id: str
    seller_id: str
    table: str
    event_bus: str
    secrets_prefix: str
    functions: Mapping[str, str]
    aws_endpoint_url: str
    pages_url: str = ""
    desk_url: str = ""
    # By role: `email` and `password`, to sign in to the desk.
    users: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    # What signs the webhooks; empty where the stack sends none.
    webhook_key: str = field(default="", repr=False)

    def client(self, who: str) -> ApiClient:
        """A client of the API as one of its users: buyer, seller, service or operator."""
        return ApiClient(HttpTransport(self.api_url), self.tokens[who])

    def is_running(self) -> bool:
        """Whether its emulator listens; a killed stack leaves its description behind."""
        return listens(urlsplit(self.aws_endpoint_url).port or 0)

    def write(self, path: Path) -> None:
        """Write the description atomically."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(asdict(self), indent=2) + "\n")
        draft.replace(path)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The description that another program wrote."""
        return cls(**json.loads(path.read_text()))


@dataclass(frozen=True, slots=True)
class StackPlan:
    """The configuration of a local stack: its ports, its folder, its gateways."""

    ports: Ports
    run_dir: Path
    gateways: str = "sandbox"
    allowed_origins: str = ALLOWED_ORIGINS
    secrets: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)

    def template_parameters(self) -> dict[str, str]:
        """The template's parameters; each URL is one that a plain client can use."""
        return {
            "Stage": "dev",
            "Gateways": self.gateways,
            "AllowedOrigins": self.allowed_origins,
            "SandboxGateway": "true",
            "PublicUrl": f"http://{HOST}:{self.ports.api}",
            "SandboxUrl": f"http://{HOST}:{self.ports.sandbox}",
            "PagesUrl": f"http://{HOST}:{self.ports.pages}",
            "SignInUrl": f"http://{HOST}:{self.ports.emulator}",
            **self.parameters,
        }


@contextlib.contextmanager
def temporary(**parameters: str) -> Iterator[Stack]:
    """A stack on free ports, beside any other, with these parameters of the template; its files are removed with it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(StackPlan(claim(0, 0, 0), Path(folder), parameters=parameters)) as (stack, _),
    ):
        yield stack


@contextlib.contextmanager
def running(plan: StackPlan) -> Iterator[tuple[Stack, test_users.TestUsers]]:
    """The stack while it runs, and its users, who can sign in again."""
    plan.run_dir.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as started:
        with step("Starting the AWS emulator"):
            endpoint = started.enter_context(emulator_running(plan.ports.emulator, plan.run_dir))
        deployment = _deploy(plan, endpoint)
        with step("Starting the reverse proxies"):
            api_url = started.enter_context(_reverse_proxy(plan.ports.api, plan, deployment, "ApiId"))
            sandbox_url = started.enter_context(_reverse_proxy(plan.ports.sandbox, plan, deployment, "SandboxApiId"))
            pages_url = started.enter_context(_reverse_proxy(plan.ports.pages, plan, deployment, "PagesApiId"))
        with step("Creating a buyer, a seller, a service and an operator"):
            invited = test_users.create_test_users(deployment)
            stack = _describe(deployment, api_url, sandbox_url, pages_url, invited)
        with step("Warming up the functions"):
            warm_up(api_url, sandbox_url, pages_url, stack.tokens["operator"])
        yield stack, invited


def _deploy(plan: StackPlan, endpoint: str) -> deploy.Deployment:
    with step("Building template.yaml"):
        built = deploy.build(plan.run_dir)
    with step("Deploying it"):
        deployment = deploy.deploy(built, endpoint, plan.template_parameters(), plan.run_dir)
    with step("Giving the HTTP APIs their routes"):
        http_routes.install(deployment)
        event_sources.install(deployment)
    if plan.secrets:
        with step("Storing the gateways' secrets"):
            _store_secrets(plan, deployment)
    return deployment


def _store_secrets(plan: StackPlan, deployment: deploy.Deployment) -> None:
    client = aws.session().client("secretsmanager", endpoint_url=deployment.endpoint)
    for gateway, secret in plan.secrets.items():
        name = deployment.outputs["GatewaySecretsPrefix"] + gateway
        client.create_secret(Name=name, SecretString=json.dumps(secret))


def _reverse_proxy(
    port: int, plan: StackPlan, deployment: deploy.Deployment, output: str
) -> contextlib.AbstractContextManager[str]:
    return reverse_proxy.run_reverse_proxy(port, plan.ports.emulator, deployment.outputs[output])


def _describe(
    deployment: deploy.Deployment, api_url: str, sandbox_url: str, pages_url: str, invited: test_users.TestUsers
) -> Stack:
    tokens = invited.sign_in()
    return Stack(
        api_url=api_url,
        sandbox_url=sandbox_url,
        tokens=tokens,
        buyer_id=test_users.subject(tokens["buyer"]),
        seller_id=test_users.subject(tokens["seller"]),
        table=deployment.outputs["TableName"],
        event_bus=deployment.outputs["EventBusName"],
        secrets_prefix=deployment.outputs["GatewaySecretsPrefix"],
        functions=deployment.functions,
        aws_endpoint_url=deployment.endpoint,
        pages_url=pages_url,
        desk_url=deployment.outputs["DeskUrl"],
        users=invited.credentials(),
        webhook_key=_webhook_key(deployment),
    )


def _webhook_key(deployment: deploy.Deployment) -> str:
    if "WebhookQueueUrl" not in deployment.outputs:
        return ""
    client = aws.session().client("secretsmanager", endpoint_url=deployment.endpoint)
    name = deployment.outputs["GatewaySecretsPrefix"].removesuffix("gateways/") + "webhooks"
    return str(json.loads(client.get_secret_value(SecretId=name)["SecretString"])["key"])

"""The routes of the shop's API, read from the template."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.orders_table import template


@dataclass(frozen=True)
class Route:
    """One route; `function` is the folder of the function that serves it. `public` ones need no token."""

    method: str
    path: str
    function: str
    public: bool

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"


def routes() -> Iterator[Route]:
    for resource in template()["Resources"].values():
        properties = resource.get("Properties", {})
        for event in properties.get("Events", {}).values():
            trigger = event["Properties"]
            if event["Type"] == "HttpApi" and trigger["ApiId"] == {"Ref": "Api"}:
                function = str(properties["CodeUri"]).rpartition("/")[2]
                public = trigger.get("Auth", {}).get("Authorizer") == "NONE"
                yield Route(trigger["Method"], trigger["Path"], function, public)

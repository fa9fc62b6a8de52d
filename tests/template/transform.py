"""Print the template as SAM gives it to CloudFormation. Run by the SAM CLI's own Python, which has the translator.

Arguments: the template; `true` or `false` for whether HTTP functions shift their traffic; where the layer's code lies.
"""

import json
import sys
from pathlib import Path

from samtranslator.translator.transform import transform  # pyright: ignore[reportMissingImports]
from samtranslator.yaml_helper import yaml_parse  # pyright: ignore[reportMissingImports]

# The translator wants code that is uploaded; where it lies is decided when it is deployed.
UPLOADED = "s3://bucket/code"


class NoPolicies:
    """The template names no managed policy of AWS, so none is looked up."""

    def load(self) -> dict[str, str]:
        return {}


def main() -> None:
    file, canary, layer = sys.argv[1:]
    template = yaml_parse(Path(file).read_text())
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        properties.update({name: UPLOADED for name in ("CodeUri", "ContentUri") if name in properties})
    template["Resources"]["CommonLayer"]["Properties"]["ContentUri"] = layer
    # The translator looks this up, and finds the values below.
    template["Mappings"]["Canary"]["${Stage}"] = {"${Canary}": canary}
    # Without a value the translator puts a parameter's default into some places.
    values = {name: f"${{{name}}}" for name in template["Parameters"]}
    json.dump(transform(template, values, NoPolicies()), sys.stdout)


if __name__ == "__main__":
    main()

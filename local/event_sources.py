"""Give the emulated event source mappings their width as a number.

The emulator takes a number from a template's parameter for text, and then reads no queue at all.
"""

from local import aws
from local.deploy import Deployment


def install(deployment: Deployment) -> None:
    """Set the width of each mapping that has one."""
    client = aws.session().client("lambda", endpoint_url=deployment.endpoint)
    for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
        width = mapping.get("ScalingConfig", {}).get("MaximumConcurrency")
        if width is not None:
            client.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": int(width)})

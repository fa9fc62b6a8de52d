"""Which tests of a parallel run go to the same process."""

from xdist.scheduler import LoadFileScheduling

DEPLOYED_TIER = "tests/e2e"


class FilesInOneProcess(LoadFileScheduling):  # type: ignore[misc]
    """A file's tests stay together, and those of the deployed stack: a second stack would slow both."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(f"{DEPLOYED_TIER}/"):
            return DEPLOYED_TIER
        file: str = super()._split_scope(nodeid)
        return file

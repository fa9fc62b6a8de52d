"""What the layer holds for making clients says of the called services what botocore's own data says."""

import gzip
import json
import re
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.exceptions import EndpointVariantError
from botocore.regions import EndpointResolver

from paylatch import botocore_session
from paylatch.botocore_session import botocore_session_for
from tests.orders_table import ROOT

BOTOCORE = Path(botocore.__file__).parent
LAYER = ROOT / "layers" / "common" / "paylatch"
SERVICES = sorted(
    {name for path in LAYER.rglob("*.py") for name in re.findall(r'botocore_session_for\("(\w+)"\)', path.read_text())}
)
VARIANTS = list(product((False, True), repeat=2))
ENDPOINTS: dict[str, Any] = json.loads((BOTOCORE / "data" / "endpoints.json").read_bytes())
# One that no list has yet, which the pattern of its partition fits.
REGIONS = [*(region for each in ENDPOINTS["partitions"] for region in each["regions"]), "eu-north-9"]


@pytest.fixture(scope="module")
def reduced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data as the build of the layer writes it."""
    packages = tmp_path_factory.mktemp("packages")
    (packages / "botocore").symlink_to(BOTOCORE)
    arguments = [f"PACKAGES={packages}", f"COMPILER={sys.executable}"]
    subprocess.run(["make", "-s", "-C", str(ROOT / "layers" / "common"), "client-data", *arguments], check=True)
    return packages / "paylatch" / "client_data"


@pytest.mark.parametrize("service", SERVICES)
def test_a_called_service_has_the_endpoints_that_botocore_lists(reduced: Path, service: str) -> None:
    ours = EndpointResolver(json.loads((reduced / "endpoints.json").read_bytes()))
    botocores = EndpointResolver(ENDPOINTS)

    for region, (dualstack, fips) in product(REGIONS, VARIANTS):
        assert endpoint(ours, service, region, dualstack, fips) == endpoint(botocores, service, region, dualstack, fips)


def endpoint(resolver: EndpointResolver, service: str, region: str, dualstack: bool, fips: bool) -> object:
    """The endpoint, or the text of the refusal."""
    try:
        return resolver.construct_endpoint(service, region, use_dualstack_endpoint=dualstack, use_fips_endpoint=fips)
    except EndpointVariantError as error:
        return str(error)


@pytest.mark.parametrize("service", SERVICES)
def test_a_called_services_model_is_botocores_without_documentation(reduced: Path, service: str) -> None:
    versions = sorted(path.parent.name for path in (BOTOCORE / "data" / service).glob("*/service-2.json.gz"))

    assert sorted(path.parent.name for path in (reduced / service).glob("*/service-2.json")) == versions
    for version in versions:
        full = json.loads(gzip.decompress((BOTOCORE / "data" / service / version / "service-2.json.gz").read_bytes()))
        ours = json.loads((reduced / service / version / "service-2.json").read_bytes())
        assert set(missing_from(ours, full)) == {"documentation"}


def missing_from(ours: Any, full: Any) -> list[str]:
    """The names of the texts that ours leaves out; anything else that differs fails."""
    if isinstance(full, dict):
        left_out = sorted(full.keys() - ours.keys())
        assert all(isinstance(full[name], str) for name in left_out)
        assert ours.keys() <= full.keys()
        return left_out + [name for each in ours for name in missing_from(ours[each], full[each])]
    if isinstance(full, list):
        return [name for one, other in zip(ours, full, strict=True) for name in missing_from(one, other)]
    assert ours == full
    return []


@pytest.mark.parametrize("service", SERVICES)
def test_a_session_reads_the_layers_data_before_botocores(
    reduced: Path, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    monkeypatch.setattr(botocore_session, "REDUCED_DATA", reduced)
    loader = botocore_session_for(service).get_component("data_loader")

    assert Path(loader.load_data_with_path("endpoints")[1]).parent == reduced
    version = loader.determine_latest_version(service, "service-2")
    assert reduced in Path(loader.load_data_with_path(f"{service}/{version}/service-2")[1]).parents


def test_without_the_layers_data_a_session_reads_botocores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore_session, "REDUCED_DATA", tmp_path / "missing")
    loader = botocore_session_for("sqs").get_component("data_loader")

    assert Path(loader.load_data_with_path("endpoints")[1]).parent == BOTOCORE / "data"

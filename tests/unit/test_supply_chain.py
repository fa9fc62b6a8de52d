"""What an auditor is given: a list of what ships, known faults or the plain word that nobody was asked, no secrets."""

import json
import re
import subprocess
from typing import Any

import pytest

from paylatch.version import VERSION
from supply_chain import audit, sbom, secret_scan
from supply_chain.tools import LAYERS, shipped_pins

SKIPPED = {"name": "six", "skip_reason": "Dependency not found on PyPI"}
CLEAN = {"name": "six", "version": "1.17.0", "vulns": []}
FAULTY = {"name": "idna", "version": "3.6", "vulns": [{"id": "PYSEC-2024-60", "fix_versions": ["3.7"]}]}
EXAMPLE = json.loads(secret_scan.KNOWN.read_text())[0]["sha1"]


def printing(monkeypatch: pytest.MonkeyPatch, module: Any, document: object, returncode: int = 0) -> None:
    """Have the module's tool print this document, or this text."""
    text = document if isinstance(document, str) else json.dumps(document)
    done = subprocess.CompletedProcess[str]([], returncode, text, "no network")
    monkeypatch.setattr(module, "run", lambda *arguments: done)


@pytest.mark.parametrize(
    ("packages", "options", "status", "line"),
    [
        ([CLEAN], [], 0, "pypi: 1 packages, 0 known faults"),
        ([CLEAN, FAULTY], [], 1, "idna 3.6: PYSEC-2024-60, fixed in 3.7"),
        ([CLEAN, SKIPPED], [], 0, "not audited: six"),
        ([CLEAN, SKIPPED], ["--strict"], 1, "not audited: six"),
        ([SKIPPED], [], 0, "Nothing was audited"),
        ([SKIPPED], ["--strict"], 1, "Nothing was audited"),
    ],
)
def test_an_audit_names_known_faults_and_says_where_nobody_answered(
    packages: list[Any],
    options: list[str],
    status: int,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    printing(monkeypatch, audit, {"dependencies": packages})
    monkeypatch.setattr("sys.argv", ["audit", *options])
    assert audit.main() == status
    assert line in capsys.readouterr().out


def test_an_audit_whose_tool_fails_has_audited_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    printing(monkeypatch, audit, "", returncode=1)
    monkeypatch.setattr("sys.argv", ["audit", "--strict"])
    assert audit.main() == 1
    assert "Nothing was audited" in capsys.readouterr().out


def test_the_list_of_what_ships_has_this_version_and_what_it_uses_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [*sbom._declared(), "six"]
    components = [{"name": name, "bom-ref": f"ref-{name}"} for name in names]
    root = {"bom-ref": "root", "name": "paylatch"}
    made = {"metadata": {"component": root}, "components": components, "dependencies": [{"ref": "root"}]}
    printing(monkeypatch, sbom, made)

    document = sbom.sbom()

    assert document["metadata"]["component"]["version"] == VERSION
    (dependencies,) = document["dependencies"]
    python = sorted(f"ref-{name}" for name in names if name != "six")
    assert dependencies["dependsOn"][: len(python)] == python
    assert "npm-lit" in dependencies["dependsOn"][len(python) :]


def test_the_list_has_what_the_desk_is_built_from_and_nothing_that_builds_it() -> None:
    packages = {
        "": {"name": "desk"},
        "node_modules/@lit/reactive-element": {"version": "2.1.2", "integrity": "sha512-AAEC"},
        "node_modules/vite": {"version": "8.3.8", "integrity": "sha512-AAEC", "dev": True},
    }
    (component,) = sbom.desk_components(packages)
    assert component["purl"] == "pkg:npm/%40lit/reactive-element@2.1.2"
    assert component["hashes"] == [{"alg": "SHA-512", "content": "000102"}]


def test_without_a_list_the_tool_s_error_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    printing(monkeypatch, sbom, "", returncode=1)
    with pytest.raises(sbom.SbomFailed, match="no network"):
        sbom.sbom()


def test_the_pins_of_every_layer_are_looked_at() -> None:
    with shipped_pins() as pins:
        text = pins.read_text()
    assert len(LAYERS) == 2
    assert all(pin in text for layer in LAYERS for pin in re.findall(r"^\S+==\S+", layer.read_text(), re.MULTILINE))


@pytest.mark.parametrize(("sha1", "status"), [(EXAMPLE, 0), ("0" * 40, 1)])
def test_what_looks_like_a_secret_is_named_unless_it_is_a_known_example(
    sha1: str, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {"type": "Private Key", "line_number": 7, "hashed_secret": sha1}
    printing(monkeypatch, secret_scan, {"results": {"local/dev.py": [found]}})
    assert secret_scan.main() == status
    assert ("local/dev.py:7: Private Key" in capsys.readouterr().out) is bool(status)


def test_a_scan_that_fails_finds_not_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    printing(monkeypatch, secret_scan, "", returncode=2)
    with pytest.raises(secret_scan.ScanFailed, match="no network"):
        secret_scan.main()


def test_every_known_example_has_its_reason() -> None:
    examples = json.loads(secret_scan.KNOWN.read_text())
    assert all(re.fullmatch("[0-9a-f]{40}", each["sha1"]) and len(each["reason"]) > 20 for each in examples)
    assert len({each["sha1"] for each in examples}) == len(examples)

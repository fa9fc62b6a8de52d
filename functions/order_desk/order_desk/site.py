"""The files of the built application: what `npm run build` in `web/` leaves in this package's folder `site`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from paylatch.domain.frozen_dataclass import dataclass

SITE = Path(__file__).parent / "site"
INDEX = "index.html"
# Its files are named for their content.
HASHED = "assets/"
# The suffix that the build adds to the name of a file's compressed copy, by the name of its coding in HTTP. The first
# one that a browser takes is sent.
CODINGS = {"br": ".br", "gzip": ".gz"}
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


class DeskNotBuilt(Exception):
    """The function was deployed without the application's files."""


@dataclass(frozen=True, slots=True)
class SiteFile:
    """One file; `name` is its path within the site, `compressed` its body by coding."""

    name: str
    content_type: str
    body: bytes
    compressed: Mapping[str, bytes]


def site_files() -> Mapping[str, SiteFile]:
    """Every file, by its path within the site. Raises `DeskNotBuilt`."""
    return _files_in(SITE)


@cache
def _files_in(folder: Path) -> Mapping[str, SiteFile]:
    if not (folder / INDEX).is_file():
        raise DeskNotBuilt("the order desk is not built; `make desk` builds it")
    paths = (path for path in sorted(folder.rglob("*")) if path.suffix in _CONTENT_TYPES)
    files = (_file(path, path.relative_to(folder).as_posix()) for path in paths)
    return {file.name: file for file in files}


def _file(path: Path, name: str) -> SiteFile:
    copies = {coding: path.with_name(path.name + suffix) for coding, suffix in CODINGS.items()}
    return SiteFile(
        name=name,
        content_type=_CONTENT_TYPES[path.suffix],
        body=path.read_bytes(),
        compressed={coding: copy.read_bytes() for coding, copy in copies.items() if copy.is_file()},
    )

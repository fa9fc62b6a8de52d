"""The files that a page loads: each is named for its content, so that browsers may keep it for good."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from paylatch.domain.frozen_dataclass import dataclass

_FOLDER = Path(__file__).parent / "assets"
# The order desk's build takes it too. It is served with the page's own sheet: a payer waits for one request less.
_SHARED_SHEET = _FOLDER / "shared" / "look.css"
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
# Of the answer that serves an asset.
CACHE_CONTROL = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A text file; `name` is the last part of its URL's path."""

    name: str
    content_type: str
    body: str


@cache
def assets() -> dict[str, Asset]:
    """Every asset, by the name of its URL."""
    made = [_asset(path) for path in sorted(_FOLDER.iterdir()) if path.suffix in _CONTENT_TYPES]
    return {asset.name: asset for asset in made}


@cache
def asset_name(file: str) -> str:
    """The name in the URL of the asset that is kept in this file."""
    return _asset(_FOLDER / file).name


def _asset(path: Path) -> Asset:
    sheets = (_SHARED_SHEET, path) if path.suffix == ".css" else (path,)
    body = "\n".join(sheet.read_text("utf-8") for sheet in sheets)
    digest = sha256(body.encode()).hexdigest()[:16]
    return Asset(f"{path.stem}-{digest}{path.suffix}", _CONTENT_TYPES[path.suffix], body)

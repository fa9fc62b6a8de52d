"""The order desk's function: the application's page, files and configuration, and what a browser may do with them."""

import gzip
import json
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from order_desk import site

from paylatch.ports import Metric
from tests.api.handlers import Context, handler_of

API, PAGES, SIGN_IN = "https://api.test", "https://pages.test", "https://shop.auth.test"
ISSUER = "https://issuer.test/pool"
SETTINGS = {
    "PAYLATCH_API_URL": API,
    "PAYLATCH_PAGES_URL": PAGES,
    "PAYLATCH_JWT_ISSUER": ISSUER,
    "PAYLATCH_DESK_CLIENT_ID": "desk-client",
    "PAYLATCH_DESK_SCOPE": "openid email",
    "PAYLATCH_SIGN_IN_URL": SIGN_IN,
    "PAYLATCH_SIGN_IN_ORIGINS": "",
    "PAYLATCH_FOUR_EYES": "true",
}
INDEX = '<script type="module" src="/desk/assets/index-1a2b.js"></script>'
SCRIPT = b"console.log('desk')"
PICTURE = b"\x89PNG\r\n\x1a\n\xff\xfe"


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a built application, with one compressed script."""
    folder = tmp_path / "site"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "icon.png").write_bytes(PICTURE)
    script = folder / "assets" / "index-1a2b.js"
    script.write_bytes(SCRIPT)
    script.with_name("index-1a2b.js.br").write_bytes(b"in brotli")
    script.with_name("index-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT, mtime=0))
    monkeypatch.setattr(site, "SITE", folder)
    return folder


def answer(path: str, method: str = "GET", **headers: str) -> dict[str, Any]:
    event = {
        "version": "2.0",
        "rawPath": path,
        "headers": {name.replace("_", "-"): value for name, value in headers.items()},
        "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
    }
    given: dict[str, Any] = handler_of("order_desk")(event, Context())
    return given


def content(given: Mapping[str, Any]) -> bytes:
    body: str = given["body"]
    return b64decode(body) if given["isBase64Encoded"] else body.encode()


@pytest.mark.parametrize("path", ["/desk", "/desk/", "/desk/orders/0123456789ABCDEF", "/desk/attention"])
def test_every_view_of_the_desk_is_the_same_page_which_nothing_keeps(path: str) -> None:
    given = answer(path)

    assert (given["statusCode"], content(given).decode()) == (200, INDEX)
    assert given["headers"]["content-type"] == "text/html; charset=utf-8"
    assert given["headers"]["cache-control"] == "no-store"


def test_the_page_may_load_its_own_files_and_call_the_api_and_the_sign_in_and_nothing_else() -> None:
    headers = answer("/desk")["headers"]

    assert headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"connect-src 'self' {API} https://issuer.test {SIGN_IN}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@pytest.mark.parametrize("path", ["/desk", "/desk/config.json", "/desk/assets/index-1a2b.js", "/desk/no.js", "/other"])
def test_every_answer_is_of_its_declared_type_and_gives_its_address_to_nobody(path: str) -> None:
    headers = answer(path)["headers"]

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["strict-transport-security"] == "max-age=63072000"
    assert headers["content-security-policy"].startswith("default-src 'none'; ")
    assert "unsafe" not in headers["content-security-policy"]


def test_the_origin_of_another_issuer_s_token_endpoint_may_be_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYLATCH_SIGN_IN_URL", "")
    monkeypatch.setenv("PAYLATCH_SIGN_IN_ORIGINS", "https://token.test,https://issuer.test")

    policy = answer("/desk")["headers"]["content-security-policy"]
    assert f"connect-src 'self' {API} https://issuer.test https://token.test; " in policy


def test_the_configuration_says_where_the_api_is_and_where_to_sign_in() -> None:
    given = answer("/desk/config.json")

    assert given["headers"]["cache-control"] == "no-store"
    assert given["headers"]["content-type"] == "application/json"
    assert json.loads(content(given)) == {
        "api_url": API,
        "issuer": ISSUER,
        "client_id": "desk-client",
        "scope": "openid email",
        "redirect_uri": f"{PAGES}/desk",
        "authorization_server": {
            "issuer": ISSUER,
            "authorization_endpoint": f"{SIGN_IN}/oauth2/authorize",
            "token_endpoint": f"{SIGN_IN}/oauth2/token",
            "revocation_endpoint": f"{SIGN_IN}/oauth2/revoke",
            "end_session_endpoint": f"{SIGN_IN}/logout",
        },
        "four_eyes": True,
    }


def test_the_configuration_says_whether_an_operator_decides_about_their_own_orders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PAYLATCH_FOUR_EYES", "false")

    assert json.loads(content(answer("/desk/config.json")))["four_eyes"] is False


def test_where_nobody_can_sign_in_the_configuration_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYLATCH_DESK_CLIENT_ID", "")
    monkeypatch.setenv("PAYLATCH_SIGN_IN_URL", "")

    config = json.loads(content(answer("/desk/config.json")))
    assert (config["client_id"], config["authorization_server"]) == (None, None)


@pytest.mark.parametrize(
    ("accepted", "coding", "body"),
    [
        ("gzip, deflate, br", "br", b"in brotli"),
        ("GZIP;q=0.5", "gzip", gzip.compress(SCRIPT, mtime=0)),
        ("br;q=0, gzip", "gzip", gzip.compress(SCRIPT, mtime=0)),
        ("br; q=0.000, gzip; q=0", None, SCRIPT),
        ("identity", None, SCRIPT),
        ("", None, SCRIPT),
    ],
)
def test_a_file_is_sent_in_a_coding_that_the_browser_takes(accepted: str, coding: str | None, body: bytes) -> None:
    given = answer("/desk/assets/index-1a2b.js", accept_encoding=accepted)

    assert given["headers"].get("content-encoding") == coding
    assert given["headers"]["vary"] == "accept-encoding"
    assert _unzipped(coding, content(given)) == _unzipped(coding, body)


def test_a_file_that_is_named_for_its_content_is_kept_for_a_year_and_another_for_an_hour() -> None:
    assert answer("/desk/assets/index-1a2b.js")["headers"]["cache-control"] == "public, max-age=31536000, immutable"
    assert answer("/desk/icon.png")["headers"]["cache-control"] == "public, max-age=3600"


def test_a_file_that_is_no_text_arrives_unchanged() -> None:
    given = answer("/desk/icon.png", accept_encoding="br")

    assert (given["statusCode"], content(given)) == (200, PICTURE)
    assert given["headers"]["content-type"] == "image/png"


@pytest.mark.parametrize(
    "path",
    [
        "/desk/assets/gone.js",
        "/desk/assets/index-1a2b.js.br",
        "/desk/index.html",
        "/desk/../order_desk/site.py",
        "/desk/assets/../../site.py",
        "/desktop",
        "/desks.json",
    ],
)
def test_what_is_no_file_of_the_application_is_not_found(path: str) -> None:
    given = answer(path)

    assert given["statusCode"] == 404
    assert '<a href="/desk">' in content(given).decode()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/desk", "/desk/config.json", "/desk/assets/index-1a2b.js"])
def test_the_desk_can_only_be_read(method: str, path: str) -> None:
    given = answer(path, method)

    assert (given["statusCode"], given["headers"]["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/desk", "/desk/config.json", "/desk/assets/index-1a2b.js", "/desk/assets/gone.js"])
def test_head_is_answered_as_get_without_the_body(path: str) -> None:
    got, looked = answer(path), answer(path, "HEAD")

    assert (looked["statusCode"], looked["headers"], looked["body"]) == (got["statusCode"], got["headers"], "")


def test_behind_a_path_of_the_pages_own_url_the_page_loads_its_files_from_below_that_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PAYLATCH_PAGES_URL", f"{PAGES}/shop")

    assert 'src="/shop/desk/assets/index-1a2b.js"' in content(answer("/shop/desk")).decode()
    # A proxy may take the path away.
    assert 'src="/shop/desk/assets/index-1a2b.js"' in content(answer("/desk/attention")).decode()
    assert content(answer("/shop/desk/assets/index-1a2b.js")) == SCRIPT


def test_that_path_becomes_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYLATCH_PAGES_URL", f'{PAGES}/"><script>')

    assert 'src="/&quot;&gt;&lt;script&gt;/desk/assets/' in content(answer("/desk")).decode()


def test_without_a_build_the_answer_is_503_which_says_how_to_build_it_and_the_failure_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(site, "SITE", tmp_path / "nothing")
    for path in ("/desk", "/desk/assets/index-1a2b.js"):
        given = answer(path)

        assert given["statusCode"] == 503
        assert "make desk" in content(given).decode()
        assert given["headers"]["cache-control"] == "no-store"
    assert [record.message for record in caplog.records].count(Metric.UNEXPECTED_ERROR) == 2


def test_a_missing_setting_is_a_page_that_names_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAYLATCH_API_URL")

    given = answer("/desk")
    assert given["statusCode"] == 500
    assert "PAYLATCH" not in content(given).decode()


def _unzipped(coding: str | None, body: bytes) -> bytes:
    # A zip holds when it was made.
    return gzip.decompress(body) if coding == "gzip" else body

"""Over https, the receiver shows a certificate of the URL's host, although the connection goes to an address."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from paylatch.domain.webhook_errors import WebhookNotDelivered
from paylatch.webhooks.sender import WebhookSender
from tests.fakes.loopback_server import LoopbackServer
from tests.integration.test_webhooks import WEBHOOK
from tests.integration.webhook_receiver import KEY, WebhookReceiver

HOST = "hooks.example.com"


def now() -> datetime:
    return datetime.now(UTC)


def certificate(folder: Path, host: str) -> Path:
    """A file with a self-signed certificate for that host and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now() - timedelta(days=1)).not_valid_after(now() + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    made = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / f"{host}.pem"
    path.write_bytes(made + key.private_bytes(*form))
    return path


@pytest.fixture
def receiver() -> WebhookReceiver:
    return WebhookReceiver()


@pytest.fixture
def server(receiver: WebhookReceiver, tmp_path: Path) -> Iterator[LoopbackServer]:
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(certificate(tmp_path, HOST))
    with LoopbackServer(receiver.answer) as server:
        server.socket = shown.wrap_socket(server.socket, server_side=True)
        yield server


def send(server: LoopbackServer, host: str) -> None:
    url = f"https://{host}:{server.server_address[1]}/hooks"
    resolve = lambda host, port: ["127.0.0.1"]  # noqa: E731
    WebhookSender(url=url, secret=lambda: {"key": KEY}, now=now, report=print, local=True, resolve=resolve).send(
        WEBHOOK
    )


def test_a_trusted_certificate_of_the_host_is_taken(
    server: LoopbackServer, receiver: WebhookReceiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / f"{HOST}.pem"))
    send(server, HOST)

    assert [webhook_id for webhook_id, _ in receiver.taken] == [WEBHOOK.webhook_id]


def test_a_certificate_of_another_host_is_refused(
    server: LoopbackServer, receiver: WebhookReceiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / f"{HOST}.pem"))

    with pytest.raises(WebhookNotDelivered, match=r"other\.example\.com"):
        send(server, "other.example.com")
    assert receiver.taken == []


def test_a_certificate_that_nobody_vouches_for_is_refused(server: LoopbackServer, receiver: WebhookReceiver) -> None:
    with pytest.raises(WebhookNotDelivered, match="certificate verify failed"):
        send(server, HOST)
    assert receiver.taken == []

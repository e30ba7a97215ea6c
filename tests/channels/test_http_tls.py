"""Requests over TLS: whom we do not believe gets no message, and no number."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from channels.contract import Reason, SendError
from channels.sms.http import connect
from tests.channels.loop import Service, open_service
from tests.channels.test_http_sms import MESSAGE, sender


def make_certificate(folder: Path, name: str, address: str) -> Path:
    """A certificate that vouches for itself, and its key, in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("tls")
    return {
        name: make_certificate(folder, name, at)
        for name, at in {"ours": "127.0.0.1", "other": "127.0.0.9"}.items()
    }


def served(path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@pytest.fixture
def service(certificates: dict[str, Path]) -> Iterator[Service]:
    with open_service(trust=served(certificates["ours"])) as made:
        yield made


def test_a_carrier_with_a_certificate_of_its_own_is_believed(
    service: Service, certificates: dict[str, Path]
) -> None:
    made = sender(service, ca_file=str(certificates["ours"]))
    assert [made.send(MESSAGE) for _ in range(3)] == ["c1"] * 3
    assert service.connections == 1
    made.probe()


def test_a_certificate_that_nobody_vouches_for_gets_nothing(service: Service) -> None:
    made = sender(service)
    for act in (lambda: made.send(MESSAGE), made.probe):
        with pytest.raises(SendError) as caught:
            act()
        assert (caught.value.reason, caught.value.code) == (Reason.MISCONFIGURED, "certificate")
    assert not service.asked


def test_a_certificate_of_another_host_gets_nothing(certificates: dict[str, Path]) -> None:
    with open_service(trust=served(certificates["other"])) as service:
        with pytest.raises(SendError) as caught:
            sender(service, ca_file=str(certificates["other"])).send(MESSAGE)
        assert caught.value.reason is Reason.MISCONFIGURED
        assert not service.asked


def test_no_tls_where_tls_should_be_is_known_not_to_have_been_taken() -> None:
    with open_service() as service:
        plain = sender(service)
        table = plain.table.model_copy(
            update={"send": plain.table.send.model_copy(update={"url": f"https://127.0.0.1:{service.port}/"})}
        )
        with pytest.raises(SendError) as caught:
            connect(table).sender.send(MESSAGE)
        assert (caught.value.reason, caught.value.code) == (Reason.UNAVAILABLE, "no TLS")

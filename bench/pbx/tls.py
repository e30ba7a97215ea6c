"""A trunk that nobody between can hear: a certificate made for the proof, and the configuration with TLS and SRTP switched on."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from farmerline.clock import SystemClock

_VALID = timedelta(days=1)


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = SystemClock().now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _VALID)
        .not_valid_after(now + _VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    certificate, private = folder / "trunk.crt", folder / "trunk.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate, private


def switch_on(pjsip: str, certificate: Path, private: Path, bind: str) -> str:
    """The county's local-pjsip.conf with what its last lines say done."""
    head, _, tail = pjsip.partition("; With TLS and SRTP")
    transport = "\n".join(line[1:] for line in tail.splitlines() if line[:1] == ";" and line[1:2] != " ")
    head = head.replace("transport = transport-udp", "transport = transport-tls")
    for uri in ("server_uri", "client_uri", "contact"):
        head = "\n".join(
            f"{line}\\;transport=tls" if line.startswith(f"{uri} = sip:") else line
            for line in head.split("\n")
        )
    head = head.replace("[trunk](trunk-common)\n", "[trunk](trunk-common)\nmedia_encryption = sdes\n")
    for asked, given in {
        "0.0.0.0:5061": bind, "/etc/asterisk/keys/farmerline.crt": certificate, "/etc/asterisk/keys/farmerline.key": private,
        "/etc/ssl/certs/ca-certificates.crt": certificate,
    }.items():  # fmt: skip
        transport = transport.replace(str(asked), str(given))
    return f"{head}\n{transport}\n"


def carriers(certificate: Path, private: Path, bind: str) -> tuple[str, str]:
    """What the carrier's transport and the bureau's endpoint there have then."""
    transport = (
        f"[tls]\ntype = transport\nprotocol = tls\nbind = {bind}\nmethod = tlsv1_2\n"
        f"cert_file = {certificate}\npriv_key_file = {private}\n"
    )
    return transport, "transport = tls\nmedia_encryption = sdes\n"

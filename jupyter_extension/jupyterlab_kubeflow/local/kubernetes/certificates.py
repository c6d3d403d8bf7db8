"""The certificates of the Kubernetes API: an authority of its own in the home, and a certificate for loopback, made anew at each start."""

from __future__ import annotations

import ipaddress
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_AUTHORITY_DAYS = 3650
_SERVER_DAYS = 397
_RENEW_DAYS = 400


class Certificates:
    """The files below a folder, keys readable by their owner only."""

    def __init__(self, folder: Path) -> None:
        self.authority = folder / "ca.crt"
        self.server = folder / "server.crt"
        self.server_key = folder / "server.key"
        self._authority_key = folder / "ca.key"

    def make(self) -> None:
        """Makes the authority unless there is one that lasts, and the server's certificate."""
        self.authority.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        authority, key = self._read() or self._make_authority()
        own = ec.generate_private_key(ec.SECP256R1())
        names = [
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
            x509.IPAddress(ipaddress.ip_address("::1")),
        ]
        certificate = (
            _begin("Local Kubeflow", authority.subject, own.public_key(), _SERVER_DAYS)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()),
                critical=False,
            )
            .sign(key, hashes.SHA256())
        )
        write_private(self.server, certificate.public_bytes(serialization.Encoding.PEM))
        write_private(self.server_key, _pem(own))

    def _read(self) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None:
        try:
            authority = x509.load_pem_x509_certificate(self.authority.read_bytes())
            key = serialization.load_pem_private_key(self._authority_key.read_bytes(), None)
        except (OSError, ValueError):
            return None
        until = authority.not_valid_after_utc - timedelta(days=_RENEW_DAYS)
        if until < datetime.now(timezone.utc) or not isinstance(key, ec.EllipticCurvePrivateKey):
            return None
        return authority, key

    def _make_authority(self) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        key = ec.generate_private_key(ec.SECP256R1())
        name = "Local Kubeflow's authority"
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        authority = (
            _begin(name, _name(name), key.public_key(), _AUTHORITY_DAYS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .sign(key, hashes.SHA256())
        )
        write_private(self._authority_key, _pem(key))
        write_private(self.authority, authority.public_bytes(serialization.Encoding.PEM))
        return authority, key


def write_private(path: Path, content: bytes) -> None:
    """Writes a file at once, readable by its owner only."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.replace(temporary, path)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _begin(
    subject: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

"""Certificates of a control plane that lives for one test run: ``python certificates.py FOLDER``.

Writes ``ca.crt``, ``ca.key``, ``server.crt`` and ``server.key`` (for 127.0.0.1 and localhost), and for each client its certificate and key:
``admin`` and ``carol``, whose organisation is their group.
"""

from __future__ import annotations

import sys
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

CLIENTS = {"admin": "system:masters", "carol": "viewers"}


def main() -> None:
    """Writes the files."""
    folder = Path(sys.argv[1])
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.crt")
    authority.private_key_pem.write_to_path(folder / "ca.key")
    _write(authority.issue_cert("127.0.0.1", "localhost"), folder / "server")
    for name, group in CLIENTS.items():
        # With a name of its own, as trustme else writes a critical extension that the API server does not know.
        certificate = authority.issue_cert(
            f"{name}@example.org", common_name=name, organization_name=group
        )
        _write(certificate, folder / name)
    signing = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    (folder / "service-account.key").write_bytes(
        signing.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    (folder / "service-account.pub").write_bytes(
        signing.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )


def _write(certificate: trustme.LeafCert, path: Path) -> None:
    certificate.cert_chain_pems[0].write_to_path(path.with_suffix(".crt"))
    certificate.private_key_pem.write_to_path(path.with_suffix(".key"))


if __name__ == "__main__":
    main()

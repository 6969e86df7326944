"""The authorities that the environment names for TLS, where they cannot be used: OpenSSL passes by them in silence."""

import os
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path

from dataworks_deploy.domain.problem import NoCertificate, NoFile, NoFolder


def unusable(environment: Mapping[str, str]) -> Iterator[NoCertificate | NoFile | NoFolder]:
    """What SSL_CERT_FILE and SSL_CERT_DIR name and cannot be used."""
    file, folder = environment.get("SSL_CERT_FILE"), environment.get("SSL_CERT_DIR")
    if file:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
        except ssl.SSLError:
            yield NoCertificate(file)
        except OSError as error:
            yield NoFile(file, str(error.strerror))
    if folder and not any(Path(each).is_dir() for each in folder.split(os.pathsep)):
        yield NoFolder(folder)

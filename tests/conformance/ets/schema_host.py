"""A stand-in, on this machine, for the host from which a suite loads its schemas.

The Processes suite carries the whole API definition of its standard inside its jar, and yet loads
the same schemas one by one from schemas.opengis.net. Here they are cut out of that definition and
served under the addresses that the suite asks for; any other outside address is refused and noted.
"""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, override
from urllib.parse import urlsplit

import yaml  # type: ignore[import-untyped]

HOST = "schemas.opengis.net"
_FOLDER = "/ogcapi/processes/part1/1.0/openapi/schemas/"
_DEFINITION = "org/opengis/cite/ogcapiprocesses10/openapi/api-processes10.yaml"
_LOCAL_REFERENCE = "#/components/schemas/"
_PASSWORD = "changeit"  # Java's own default for what needs no secret


def schemas_in(jar: Path) -> dict[str, bytes]:
    """Path on the schema host → schema, from the API definition inside a suite; empty without."""
    with zipfile.ZipFile(jar) as archive:
        if _DEFINITION not in archive.namelist():
            return {}
        definition = yaml.safe_load(archive.read(_DEFINITION))
    return {
        f"{_FOLDER}{name}.yaml": json.dumps(_by_file(schema)).encode()
        for name, schema in definition["components"]["schemas"].items()
    }


def _by_file(node: Any) -> Any:
    """The schema with its references leading to neighbouring files."""
    if isinstance(node, dict):
        return {
            key: f"{value.removeprefix(_LOCAL_REFERENCE)}.yaml"
            if key == "$ref" and str(value).startswith(_LOCAL_REFERENCE)
            else _by_file(value)
            for key, value in node.items()
        }
    return [_by_file(each) for each in node] if isinstance(node, list) else node


@contextmanager
def schema_host(
    schemas: Mapping[str, bytes], folder: Path
) -> Iterator[tuple[list[str], list[str]]]:
    """While it runs: the options by which Java comes here, and the addresses that were refused."""
    refused: list[str] = []
    context = _certificate(folder)
    handler = type("Handler", (_Proxy,), {"schemas": schemas, "refused": refused, "tls": context})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    options = [
        "-Dhttp.proxyHost=127.0.0.1", f"-Dhttp.proxyPort={port}",
        "-Dhttps.proxyHost=127.0.0.1", f"-Dhttps.proxyPort={port}",
        f"-Djavax.net.ssl.trustStore={folder / 'trusted.p12'}",
        f"-Djavax.net.ssl.trustStorePassword={_PASSWORD}",
    ]  # fmt: skip
    try:
        yield options, refused
    finally:
        server.shutdown()
        server.server_close()


def _certificate(folder: Path) -> ssl.SSLContext:
    """A certificate for the schema host, made here and trusted by the suites' Java alone."""
    folder.mkdir(parents=True, exist_ok=True)
    pem, trusted = folder / "host.pem", folder / "trusted.p12"
    if not (pem.exists() and trusted.exists()):
        trusted.unlink(missing_ok=True)
        _run(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650",
            "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
            "-keyout", str(pem), "-out", str(folder / "certificate.pem"),
        )  # fmt: skip
        with pem.open("a", encoding="ascii") as file:
            file.write((folder / "certificate.pem").read_text(encoding="ascii"))
        _run(
            "keytool", "-importcert", "-noprompt", "-alias", "host", "-storetype", "PKCS12",
            "-storepass", _PASSWORD, "-file", str(folder / "certificate.pem"),
            "-keystore", str(trusted),
        )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


class _Proxy(BaseHTTPRequestHandler):
    """An HTTP proxy that knows one host; https reaches it through CONNECT."""

    schemas: Mapping[str, bytes]
    refused: list[str]
    tls: ssl.SSLContext

    def do_CONNECT(self) -> None:  # http.server's name
        """Take the place of the host that the client wants a tunnel to."""
        if self.path.split(":")[0] != HOST:
            self._refuse(f"https://{self.path}")
            return
        self.send_response(200)
        self.end_headers()
        with self.tls.wrap_socket(self.connection, server_side=True) as secure:
            type(self)(secure, self.client_address, self.server)
        self.close_connection = True

    def do_GET(self) -> None:  # http.server's name
        """Answer with a schema."""
        address = urlsplit(self.path)
        schema = self.schemas.get(address.path)
        if schema is None or address.hostname not in {HOST, None}:
            self._refuse(self.path)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/yaml")
        self.send_header("Content-Length", str(len(schema)))
        self.end_headers()
        self.wfile.write(schema)

    def _refuse(self, address: str) -> None:
        if address not in self.refused:
            self.refused.append(address)
        self.send_error(502, "not reachable from here")

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

"""A delta as a file: a GeoPackage and a manifest, signed, for networks that exchange only files.

Members: manifest.json, manifest.sig (Ed25519 over the manifest's bytes) and delta.gpkg, whose
SHA-256 the manifest states. Whoever has the sender's public key knows that nothing was changed,
left out or cut off; the numbers say which delta goes before which.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from spatial.errors import ConflictError, InputError
from spatial.secrets import derive_key, installation_secret

FORMAT = 1
MANIFEST, SIGNATURE, PACKAGE = "manifest.json", "manifest.sig", "delta.gpkg"
_MOST_MANIFEST_BYTES = 64 * 2**20
# What reading a zip raises that was cut off, damaged, or is none.
_BROKEN = (
    OSError, EOFError, KeyError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


@dataclass(frozen=True)
class LayerDelta:
    """What a delta holds of one layer: how many features to put, and which ids to take out."""

    features: int
    deleted: list[int]


@dataclass(frozen=True)
class Manifest:
    """What a delta is.

    Attributes:
        town: its code.
        role: as whom it was read.
        since: the token after which it begins; None for everything there is.
        until: the token up to which it goes.
        sha256: of the other members, by name.
    """

    format: int
    made_at: str
    town: str
    role: str
    since: int | None
    until: int
    layers: Mapping[str, LayerDelta]
    sha256: Mapping[str, str]

    def to_json(self) -> bytes:
        """As it is signed."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes, name: str) -> Manifest:
        """Read back what was signed.

        Raises:
            InputError: it is of another format.
        """
        members = json.loads(text)
        if members.get("format") != FORMAT:
            raise InputError(f"{name}: its format is {members.get('format')}, not {FORMAT}")
        layers = {layer: LayerDelta(**each) for layer, each in members.pop("layers").items()}
        return cls(**members, layers=layers)


def signing_key(data_folder: Path) -> Ed25519PrivateKey:
    """The installation's own key: it follows from its secret, so it is in every backup."""
    seed = derive_key(installation_secret(data_folder), "signature of deltas")
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_pem(data_folder: Path) -> str:
    """The public key that receivers need."""
    key = signing_key(data_folder).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def read_public_key(path: Path) -> Ed25519PublicKey:
    """The key in a file that `delta key` made.

    Raises:
        InputError: it holds none.
    """
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: no public key", remedy="./gridwhistle delta key") from error
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(f"{path}: not a key for deltas", remedy="./gridwhistle delta key")
    return key


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pack(target: Path, manifest: Manifest, package: Path, key: Ed25519PrivateKey) -> None:
    """Write the zip; it appears only when it is whole.

    Raises:
        ConflictError: there is such a file already.
    """
    if target.exists():
        raise ConflictError(f"{target} is there already", remedy="another name, or remove it")
    text = manifest.to_json()
    part = target.with_name(f".{target.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(MANIFEST, text)
            archive.writestr(SIGNATURE, key.sign(text))
            archive.write(package, PACKAGE)
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)


def unpack(delta: Path, key: Ed25519PublicKey, folder: Path) -> tuple[Manifest, Path]:
    """The manifest and the GeoPackage of a delta, once all of it has been found to be genuine.

    Raises:
        InputError: it is not what `key` signed, or not whole.
    """
    try:
        with zipfile.ZipFile(delta) as archive:
            manifest = _signed_manifest(archive, delta.name, key)
            package = folder / PACKAGE
            with archive.open(PACKAGE) as source, package.open("wb") as target:
                shutil.copyfileobj(source, target)
    except _BROKEN as error:
        raise InputError(f"{delta}: cut off, or no delta / 文件不完整") from error
    if sha256_of(package) != manifest.sha256[PACKAGE]:
        raise InputError(f"{delta}: {PACKAGE} is not what was signed / 内容被改动")
    return manifest, package


def _signed_manifest(archive: zipfile.ZipFile, name: str, key: Ed25519PublicKey) -> Manifest:
    """The signature is checked before anything in it is believed."""
    if sorted(archive.namelist()) != sorted((MANIFEST, SIGNATURE, PACKAGE)):
        raise InputError(f"{name}: no delta, its members are others")
    if archive.getinfo(MANIFEST).file_size > _MOST_MANIFEST_BYTES:
        raise InputError(f"{name}: its manifest is too large")
    text = archive.read(MANIFEST)
    try:
        key.verify(archive.read(SIGNATURE), text)
    except InvalidSignature:
        raise InputError(f"{name}: not signed by this key, or changed since / 签名不符") from None
    return Manifest.from_json(text, name)

"""The production files, as far as they can be checked without a container engine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

DOCKER = Path(__file__).parents[2] / "docker"
PROJECT = DOCKER.parent
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
DOCKERFILE = (DOCKER / "Dockerfile").read_text()
FINAL_STAGE = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_a_service_starts_again_says_how_it_is_and_gains_no_rights(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["restart"] == "unless-stopped"
    assert "healthcheck" in service or (name == "app" and "HEALTHCHECK" in FINAL_STAGE)
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged")
    assert re.search(r":\d", service["image"]), "an image without a version"


def test_what_services_name_is_declared() -> None:
    for service in COMPOSE["services"].values():
        assert set(service.get("secrets", [])) <= COMPOSE["secrets"].keys()
        assert set(service["networks"]) <= COMPOSE["networks"].keys()
        assert set(service.get("depends_on", {})) <= COMPOSE["services"].keys()
        volumes = {volume.partition(":")[0] for volume in service.get("volumes", [])}
        assert {v for v in volumes if not v.startswith(".")} <= COMPOSE["volumes"].keys()


def test_only_the_proxy_is_reached_from_outside() -> None:
    open_to_all = [name for name, service in COMPOSE["services"].items() if "ports" in service]
    assert open_to_all == ["proxy"]
    assert COMPOSE["services"]["database"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_no_secret_stands_in_the_text() -> None:
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].startswith("./secrets/")
    for service in COMPOSE["services"].values():
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|URL|KEY", variable):
                assert variable.endswith("_FILE")
                assert value.startswith("/run/secrets/")


def test_the_image_runs_as_nobody_in_particular() -> None:
    assert re.search(r"^USER gridwhistle$", FINAL_STAGE, re.MULTILINE)
    assert FINAL_STAGE.index("USER") < FINAL_STAGE.index("ENTRYPOINT")


def test_the_images_base_has_a_version() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert bases
    assert all(re.search(r":\d", base) for base in bases)


def test_what_is_copied_is_there_and_not_ignored() -> None:
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (PROJECT / source).exists(), source
            top = source.split("/")[0]
            assert f"!{top}" in ignored or f"!{source}" in ignored, source


def test_every_room_is_in_the_image() -> None:
    for room in ("spatial", "grids", "routing", "layers", "api"):
        assert f"\nCOPY {room} {room}\n" in FINAL_STAGE


def test_the_proxy_passes_on_to_the_apps_port() -> None:
    assert "reverse_proxy app:8000" in (DOCKER / "Caddyfile").read_text()
    assert '"--port", "8000"' in FINAL_STAGE

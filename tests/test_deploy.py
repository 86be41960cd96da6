"""The files for those who run a desk: read by machines here, so that nobody finds a slip on a server."""

from __future__ import annotations

import getpass
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

DEPLOY = Path(__file__).parents[1] / "deploy"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return read


def test_the_container_file_stands_before_its_linter() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    ran = subprocess.run(
        [hadolint, "--no-color", DEPLOY / "Containerfile"], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (0, "")


@pytest.mark.parametrize(
    ("profile", "services", "workers"),
    [("sqlite", {"desk"}, 0), ("postgres", {"web", "worker", "database"}, 2)],
)
def test_a_profile_has_what_a_desk_needs(
    compose: dict[str, Any], profile: str, services: set[str], workers: int
) -> None:
    mine = {k: v for k, v in compose["services"].items() if profile in v["profiles"]}
    assert set(mine) == services
    assert sum(one.get("deploy", {}).get("replicas", 0) for one in mine.values()) == workers
    for name, one in mine.items():
        # Open to this machine alone: a proxy with HTTPS stands before it.
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", [])), name
        assert {str(where).split(":")[0] for where in one["volumes"]} <= set(compose["volumes"])
        assert set(one.get("depends_on", {})) <= services
        if name != "database":
            assert one["cap_drop"] == ["ALL"]
            assert one["read_only"] is True
            assert "BROADSHEET_PROXY_NETWORKS" in one["environment"]
            assert ("DATABASE_URL" in one["environment"]) == (profile == "postgres")


def test_what_is_waited_for_tells_its_health(compose: dict[str, Any]) -> None:
    services = compose["services"]
    image = (DEPLOY / "Containerfile").read_text()
    for one in services.values():
        for name, how in one.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}
            own = services[name].get("healthcheck", {})
            assert own.get("test") or (services[name].get("image") == "broadsheet" and "HEALTHCHECK" in image)  # fmt: skip


def test_the_proxys_file_is_one_that_caddy_takes(tmp_path: Path) -> None:
    """As it is, and with the part for a path of a site switched on."""
    if not shutil.which("caddy"):
        pytest.skip("Caddy is not here: .ci/install-debian installs it")
    text = (DEPLOY / "Caddyfile").read_text()
    below = tmp_path / "Caddyfile"
    below.write_text(re.sub(r"(?m)^#(?! )", "", text))
    for given in (DEPLOY / "Caddyfile", below):
        ran = subprocess.run(
            ["caddy", "adapt", "--adapter", "caddyfile", "--config", given],
            capture_output=True, text=True, check=False, env={"HOME": str(tmp_path), "PATH": "/usr/bin"},
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr


def test_a_command_typed_by_hand_has_the_settings_of_the_services(tmp_path: Path) -> None:
    settings = tmp_path / "settings"
    settings.write_text(
        "# what readers type\nBROADSHEET_ADDRESS=https://news.example.org\n"
        "BROADSHEET_MAIL_FROM=Lantern House <letter@example.org>\n"
        'BROADSHEET_BACKUP_KEEP="7 4 6"\nBROADSHEET_CONTACT=a$b`c#d\n'
    )
    script = (DEPLOY / "systemd/broadsheet.sh").read_text()
    for name, value in (
        ("user", getpass.getuser()),
        ("settings", str(settings)),
        ("program", "/usr/bin/env"),
    ):
        script, count = re.subn(rf"(?m)^{name}=.*$", f"{name}={value}", script)
        assert count == 1
    ran = subprocess.run(
        ["/bin/sh", "-s", "-", "-0"], input=script, capture_output=True, text=True, check=True,
        env={"PATH": "/usr/bin:/bin:/usr/sbin"},
    )  # fmt: skip
    given = set(ran.stdout.split("\0"))
    assert {
        "BROADSHEET_ADDRESS=https://news.example.org",
        "BROADSHEET_MAIL_FROM=Lantern House <letter@example.org>",
        "BROADSHEET_BACKUP_KEEP=7 4 6",
        "BROADSHEET_CONTACT=a$b`c#d",
        "BROADSHEET_HOME=/var/lib/broadsheet",
    } <= given


def test_what_the_units_may_write_to_holds_the_place_for_backups_of_the_example() -> None:
    (place,) = re.findall(
        r"#BROADSHEET_BACKUP_TO=(\S+)", (DEPLOY / "systemd/settings.example").read_text()
    )
    for unit in DEPLOY.glob("systemd/*.service"):
        (paths,) = re.findall(r"ReadWritePaths=(.*)", unit.read_text())
        assert any(place.startswith(f"{one.lstrip('-')}/") for one in paths.split()), unit.name


def test_units_call_commands_that_there_are() -> None:
    known = {path.stem for path in (DEPLOY.parent / "src/broadsheet/commands").glob("*.py")}
    for unit in DEPLOY.glob("systemd/*.service"):
        for command in re.findall(r"ExecStart=\S*broadsheet (\S+)", unit.read_text()):
            assert command in known, unit.name

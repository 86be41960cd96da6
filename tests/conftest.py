"""What all tests share. The network is loopback only, and only where a test serves it itself."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("BROADSHEET_SHARED", ROOT.parent / "shared"))

settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60
)
settings.load_profile("house")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The development material; a test that needs it skips with a clear line where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the development material (../shared) is not here")
    return SHARED


_LOOPBACK = ("127.", "localhost", "::1")


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that looks up a name by itself is told: hand it bytes."""
    ask = socket.getaddrinfo

    def ours(host: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
        if not name.startswith(_LOOPBACK) and not name.endswith(".localhost"):
            raise AssertionError(f"a test tried to look up {name!r}: the network is loopback only")
        return ask(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", ours)

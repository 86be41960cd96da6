"""Browsers without a browser: Django's test client, signed in by role."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from broadsheet.wire.collect.fetcher import Fetcher
from broadsheet.wire.errors import CollectError
from tests import make


@pytest.fixture(autouse=True)
def _no_web(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an editor has fetched is refused, unless a test brings a web of its own."""

    def refuse(self: Fetcher, url: str, **_: Any) -> None:
        raise CollectError("The server refuses", at=url, reason="blocked")

    monkeypatch.setattr(Fetcher, "get", refuse)


def _client(role: str) -> Client:
    client = Client(headers={"user-agent": "test"})
    client.force_login(make.editor(name=f"The {role}", role=role))
    return client


@pytest.fixture
def editor(db: None) -> Client:
    return _client("editor")


@pytest.fixture
def reader(db: None) -> Client:
    return _client("reader")


@pytest.fixture
def contributor(db: None) -> Client:
    return _client("contributor")

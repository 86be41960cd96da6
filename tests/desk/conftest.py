"""Browsers without a browser: Django's test client, signed in by role."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import make


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

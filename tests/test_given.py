"""A setting that cannot hold is told before anything is done, with what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from broadsheet import given

ROOT = Path(__file__).parents[1]
SECRET = "hunter2-secret"


def _networks(value: str) -> list[str]:
    return given.networks("BROADSHEET_ALLOW_NETWORKS", value, "10.1.2.0/24")


def _folder(value: str) -> Path | None:
    return given.folder("BROADSHEET_BEAT", value)


def _whole(value: str) -> int:
    return given.whole("BROADSHEET_MAIL_CONNECTIONS", value, 4, 1)


@pytest.mark.parametrize(
    ("read", "value", "cure"),
    [
        (given.zone, "Mars/Base", "Asia/Hong_Kong"),
        (given.zone, "../etc/passwd", "Asia/Hong_Kong"),
        (_networks, "10.0.0.1/8", "Write addresses or networks"),
        (_folder, "/no/such/beat", "its whole path"),
        (given.mail, "mail.charity.example", "smtps://name:password@"),
        (given.mail, "smtps://", "smtps://name:password@"),
        (given.mail, f"smtps://me:{SECRET}@x/y@mail.charity.example", "@ as %40"),
        (given.mail, f"smtps://me:{SECRET}#1@mail.charity.example", "# as %23"),
        (given.mail, f"smtp://me:{SECRET}@mail.charity.example:many", "smtps://name:password@"),
        (given.mail, "anymail:", "anymail:brevo"),
        (given.sender, "Lantern House", "letter@example.org"),
        (given.box, f"https://me:{SECRET}@mail.charity.example", "imaps://"),
        (_whole, "many", "whole number"),
        (_whole, "0", "1 or more"),
        (_whole, "٣", "whole number"),
    ],
)
def test_what_cannot_hold_is_told_with_its_cure_and_without_its_password(
    read: Callable[[str], Any], value: str, cure: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=re.escape(cure)) as told:
        read(value)
    assert "BROADSHEET_" in str(told.value)
    assert SECRET not in str(told.value)


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (given.mail, ""),
        (given.mail, "smtps://letter%40charity.example:p%2Fq@mail.charity.example:465"),
        (given.mail, "smtp+starttls://mail.charity.example/"),
        (given.mail, "smtp://[::1]:2525"),
        (given.mail, "smtp+plain://127.0.0.1:2525"),
        (given.mail, "sendmail:///usr/sbin/sendmail"),
        (given.mail, "anymail:brevo"),
        (given.sender, "Lantern House <letter@charity.example>"),
        (given.box, "imaps://me:secret@mail.charity.example/INBOX"),
        (given.zone, "Asia/Hong_Kong"),
    ],
)
def test_what_the_docs_tell_to_write_is_taken_as_it_is(
    read: Callable[[str], str], value: str
) -> None:
    assert read(value) == value


def test_a_mistyped_setting_is_told_with_the_one_that_is_meant() -> None:
    (told,) = given.unknown(["BROADSHEET_ADRESS", "BROADSHEET_HOME", "PATH"])
    assert told.startswith("BROADSHEET_ADRESS is set, and there is no such setting.")
    assert "Is BROADSHEET_ADDRESS meant?" in told


def test_the_settings_that_are_known_are_those_of_the_docs() -> None:
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(BROADSHEET_[A-Z_]+)` \|", page, re.MULTILINE)) == given.KNOWN

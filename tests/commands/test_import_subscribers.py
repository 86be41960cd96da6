"""`broadsheet import-subscribers`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from broadsheet.cli import cli
from broadsheet.mailing.models import Subscriber
from tests import make


@pytest.mark.django_db
def test_a_list_is_shown_first_and_taken_when_the_words_are_given(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HOME = tmp_path
    monkeypatch.setattr("broadsheet.commands.with_desk", lambda: None)
    file = tmp_path / "list.csv"
    file.write_text("email\nann@example.org\nwrong\n")
    run = CliRunner()
    none = run.invoke(cli, ["import-subscribers", str(file)])
    assert "There is no newsletter yet" in none.output
    make.newsletter()
    looked = run.invoke(cli, ["import-subscribers", str(file)])
    assert looked.exit_code == 0, looked.output
    assert "1 subscribed" in looked.output
    assert "1 not readable as an address" in looked.output
    assert Subscriber.objects.count() == 0
    taken = run.invoke(cli, ["import-subscribers", str(file), "--agreed", "They ticked a box."])
    assert taken.exit_code == 0, taken.output
    assert Subscriber.objects.get().state == "active"

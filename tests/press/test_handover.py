"""Hand-overs: what another tool takes, with nothing of the desk in it."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from broadsheet.commands.print import FILES
from broadsheet.commands.print import command as print_command
from broadsheet.press import handover
from broadsheet.wire import issuefile
from broadsheet.wire.edition import Edition, Image, Permission
from tests.press.edition import HOUSE, edition, full, item

TODAY = date(2026, 6, 30)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_campaign_for_mailchimp_has_its_merge_tags_and_its_pictures_inside() -> None:
    pictures = {"https://media.lantern.example/pier.jpg": PNG}
    files = opened(handover.mailchimp(full(), house=HOUSE, today=TODAY, pictures=pictures))
    html = files["campaign.html"].decode()
    assert 'href="*|UNSUB|*"' in html
    assert 'href="*|ARCHIVE|*"' in html
    assert 'src="images/picture-1.png"' in html
    assert files["images/picture-1.png"] == PNG
    assert "*|UNSUB|*" in files["campaign.txt"].decode()
    assert "media.lantern.example" not in html
    assert ".invalid" not in html


def test_the_logo_travels_in_a_campaign_or_is_left_out() -> None:
    logo = "https://media.lantern.example/logo.png"
    dressed = replace(HOUSE, logo=logo, logo_alt="Lantern House", logo_width=120, logo_height=40)
    files = opened(handover.mailchimp(full(), house=dressed, today=TODAY, pictures={logo: PNG}))
    assert (
        'src="images/logo.png" alt="Lantern House" width="120"' in files["campaign.html"].decode()
    )
    assert files["images/logo.png"] == PNG
    assert "media.lantern.example" not in files["campaign.html"].decode()
    bare = opened(handover.mailchimp(full(), house=dressed, today=TODAY))
    assert "logo" not in bare["campaign.html"].decode()


def test_a_picture_that_cannot_travel_is_printed_as_its_caption() -> None:
    html = opened(handover.mailchimp(full(), today=TODAY))["campaign.html"].decode()
    assert "<img" not in html
    assert "Mara Quill" in html
    assert "*|LIST:ADDRESSLINE|*" in html


def test_what_an_editor_types_like_a_merge_tag_stays_words() -> None:
    of = edition(item(headline="Say *|FNAME|* and *|EMAIL|*"))
    files = opened(handover.mailchimp(of))
    assert b"*|FNAME|*" not in files["campaign.html"]
    assert b"*|EMAIL|*" not in files["campaign.txt"]


def test_the_same_edition_gives_the_same_zip() -> None:
    assert handover.mailchimp(full(), house=HOUSE) == handover.mailchimp(full(), house=HOUSE)


def test_a_file_that_is_no_picture_is_not_carried() -> None:
    image = Image("https://a.example/x.png", "x", "c", "d", permission=Permission("own"))
    files = opened(
        handover.mailchimp(
            edition(item(images=(image,))), pictures={"https://a.example/x.png": b"<svg>"}
        )
    )
    assert not any(name.startswith("images/") for name in files)


def test_markdown_is_read_back_as_the_same_items() -> None:
    given = full()
    made = handover.as_markdown(given, today=TODAY)
    back = issuefile.parse(made.encode(), name="issue.md").edition
    assert [item.headline for item in back.items()] == [item.headline for item in given.items()]
    assert [item.source for item in back.items()] == [item.source for item in given.items()]
    assert [[link.url for link in item.links] for item in back.items()] == [
        [link.url for link in item.links] for item in given.items()
    ]


def test_a_post_for_a_blog_has_no_style_and_no_script() -> None:
    html = handover.blog(full(), house=HOUSE)
    assert "<style" not in html
    assert "<script" not in html
    assert "<html" not in html


def test_json_goes_out_and_in() -> None:
    assert Edition.from_json(json.loads(handover.as_json(full()))) == full()


def test_the_command_makes_every_file_that_it_names(tmp_path: Path) -> None:
    issue = tmp_path / "issue.json"
    issue.write_text(handover.as_json(full()), encoding="utf-8")
    out = tmp_path / "out"
    ran = CliRunner().invoke(
        print_command, [str(issue), "--as", ",".join(FILES), "--out", str(out)]
    )
    assert ran.exit_code == 0, ran.output
    assert sorted(path.name for path in out.iterdir()) == sorted(
        n for names in FILES.values() for n in names
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("not json", "not JSON"),
        ("[1]", "no issue"),
        ('{"schema": 9}', "Upgrade"),
        ("", "no issue in it"),
    ],
)
def test_the_command_refuses_what_is_no_issue_in_plain_words(
    given: str, said: str, tmp_path: Path
) -> None:
    ran = CliRunner().invoke(print_command, ["-", "--out", str(tmp_path)], input=given)
    assert ran.exit_code == 1
    assert said in ran.output


def test_several_issues_get_a_folder_each(tmp_path: Path) -> None:
    two = handover.as_json(full()) + handover.as_json(edition(uid="e2"))
    ran = CliRunner().invoke(
        print_command, ["-", "--as", "text", "--out", str(tmp_path)], input=two
    )
    assert ran.exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["e1", "e2"]


def test_a_house_style_comes_from_a_file_and_a_slip_in_it_is_named(tmp_path: Path) -> None:
    issue, house = tmp_path / "issue.json", tmp_path / "house.yaml"
    issue.write_text(handover.as_json(full()), encoding="utf-8")
    house.write_text("organisation: Pier House\n", encoding="utf-8")
    arguments = [str(issue), "--as", "text", "--out", str(tmp_path), "--house", str(house)]
    assert CliRunner().invoke(print_command, arguments).exit_code == 0
    assert "Pier House" in (tmp_path / "issue.txt").read_text(encoding="utf-8")
    house.write_text("organization: Pier House\n", encoding="utf-8")
    ran = CliRunner().invoke(print_command, arguments)
    assert ran.exit_code == 1
    assert "organization" in ran.output

"""The prints, judged by programs that are not ours: the Nu checker, caniemail's data, axe, SpamAssassin.

Each is asked about the edition with one of everything, about the sample, and about the model issue
where the development material is there. A judge that is missing skips with its name.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from broadsheet import sample
from broadsheet.press import email, feed, pdf, plaintext, web
from broadsheet.wire import issuefile
from broadsheet.wire.edition import Edition
from tests.press.edition import HOUSE, edition, full, item

ROOT = Path(__file__).parent.parent.parent
NPM = ROOT / "var/npm/node_modules"
TODAY = date(2026, 6, 30)
HERE = "https://letter.example/"
DRESSED = replace(
    HOUSE, logo=HERE + "logo.png", logo_alt="Lantern House", logo_width=120, logo_height=40
)

Made = Callable[[Edition], str]


@pytest.fixture(params=["everything", "sample", "model"])
def issue(request: pytest.FixtureRequest) -> Edition:
    if request.param == "everything":
        return full()
    if request.param == "sample":
        finished = (sample.folder().parent / "issue.json").read_bytes()
        return Edition.from_json(json.loads(finished), at="issue.json")
    shared: Path = request.getfixturevalue("shared")
    return issuefile.parse(
        (shared / "seed/june-2019.txt").read_bytes(), name="june-2019.txt"
    ).edition


def mail(edition: Edition) -> str:
    return email.email(
        edition,
        house=DRESSED,
        today=TODAY,
        base_url=HERE,
        web_url=HERE + "2026-06",
        archive_url=HERE,
        preferences_url=HERE + "preferences/abc",
        unsubscribe_url=HERE + "leave/abc",
        alternates={"zh-Hant": HERE + "zh"},
    )


def page(edition: Edition) -> str:
    return web.web(edition, house=DRESSED, today=TODAY, url=HERE + "2026-06", home_url=HERE)


def needs(*parts: str | Path) -> None:
    for part in parts:
        there = part.exists() if isinstance(part, Path) else shutil.which(part)
        if not there:
            pytest.skip(f"no {Path(part).name}: .ci/install-debian and .ci/install-npm bring it")


def asked(command: list[str], given: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command, input=given.encode(), capture_output=True, check=False, timeout=90
    )


@pytest.mark.parametrize("made", [mail, page])
def test_the_nu_checker_finds_no_error(made: Made, issue: Edition) -> None:
    jar = NPM / "vnu-jar/build/dist/vnu.jar"
    needs("java", jar)
    told = asked(["java", "-jar", str(jar), "--format", "json", "-"], made(issue))
    found = json.loads(told.stderr or told.stdout)["messages"]
    assert [one for one in found if one["type"] == "error"] == []


def test_a_mail_uses_nothing_that_mail_programs_lack_but_the_exceptions_we_name(
    issue: Edition,
) -> None:
    needs("node", NPM / "caniemail")
    told = asked(["node", str(Path(__file__).parent / "can_mail.mjs"), str(NPM)], mail(issue))
    assert told.returncode == 0, told.stderr
    assert set(json.loads(told.stdout)) - accepted() == set()


def test_no_exception_is_named_that_is_not_needed() -> None:
    needs("node", NPM / "caniemail")
    told = asked(["node", str(Path(__file__).parent / "can_mail.mjs"), str(NPM)], mail(full()))
    assert accepted() - set(json.loads(told.stdout)) == set()


def accepted() -> set[str]:
    """The first column of the table in docs/press.md: features by caniemail's names."""
    table = (ROOT / "docs/press.md").read_text(encoding="utf-8").split("| not everywhere |")[1]
    rows = [line.split(" | ")[0] for line in table.splitlines()[2:] if line.startswith("|")]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_spamassassin_thinks_no_ill_of_a_mail(issue: Edition) -> None:
    needs("spamassassin")
    told = asked(["spamassassin", "-L", "-t"], message(issue).as_bytes(policy=SMTP).decode())
    score = re.search(rb"X-Spam-Status: \w+, score=(-?[\d.]+)", told.stdout)
    assert score, told.stdout[-2000:]
    assert float(score[1]) < 1.0, told.stdout[-2000:]


def message(edition: Edition) -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Lantern House <letter@lantern.example>"
    made["To"] = "Mei Reader <mei@reader.example>"
    made["Subject"] = edition.subject or f"{edition.newsletter}: {edition.title}"
    made["Date"] = "Tue, 30 Jun 2026 09:00:00 +0800"
    made["Message-ID"] = "<e1.s1@lantern.example>"
    made["List-Unsubscribe"] = "<https://letter.example/leave/abc>"
    made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(plaintext.plaintext(edition, house=HOUSE, today=TODAY), cte="quoted-printable")
    made.add_alternative(mail(edition), subtype="html", cte="quoted-printable")
    return made


def test_no_page_of_a_pdf_begins_with_the_link_of_an_item_before_it(tmp_path: Path) -> None:
    needs("pdftotext")
    items = (item(uid=f"i{n}", headline=f"Ferry {n} is searched", summary="Word. " * (5 + n % 7 * 9))
             for n in range(24))  # fmt: skip
    (tmp_path / "issue.pdf").write_bytes(pdf.pdf(edition(*items), house=HOUSE))
    said = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "issue.pdf"), "-"], capture_output=True, check=True, timeout=30
    )  # fmt: skip
    first = [page.split("\n")[0].strip() for page in said.stdout.decode().split("\f")[1:-1]]
    assert len(first) > 3
    assert [line for line in first if line.startswith(("Access", "https://", "Nobody"))] == []


def test_pdfinfo_says_tagged(issue: Edition, tmp_path: Path) -> None:
    needs("pdfinfo")
    (tmp_path / "issue.pdf").write_bytes(pdf.pdf(issue, house=HOUSE, today=TODAY))
    told = subprocess.run(
        ["pdfinfo", str(tmp_path / "issue.pdf")], capture_output=True, check=True, timeout=30
    ).stdout
    assert re.search(rb"Tagged:\s+yes", told)


def test_feeds_are_read_by_feedparser_without_a_warning(issue: Edition) -> None:
    import feedparser

    for name, data in feed.files(issue, base_url=HERE, house=HOUSE).items():
        if name.endswith(".xml"):
            read = feedparser.parse(data, response_headers={"content-type": "application/xml"})
            assert not read.bozo, (name, read.get("bozo_exception"))
            assert read.entries

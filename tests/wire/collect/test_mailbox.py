from __future__ import annotations

import imaplib
import socketserver
import threading
from datetime import date
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire.collect import mailbox
from broadsheet.wire.errors import CollectError
from broadsheet.wire.model import Entry, Failure

ALERT = """<html><body><table><tr><td>
<a href="https://www.google.com/alerts?s=1">Google Alerts</a></td></tr><tr><td>
<a href="https://www.google.com/url?rct=j&amp;url=https://harbour-post.example/news/1001&amp;ct=ga">
<span>Twelve <b>freed</b> from fishing boats</span></a>
<div><div>Harbour Post</div><div>Officers boarded three vessels on Monday and <b>freed</b> twelve men
who had not been paid for two years.</div></div></td></tr><tr><td>
<a href="https://www.google.com/url?rct=j&amp;url=https://northernstar.example/c/77&amp;ct=ga">
Court jails recruiter</a><div>A court sentenced a recruiter to nine years.</div>
<a href="https://www.google.com/alerts/feedback?x=1">Flag as irrelevant</a></td></tr></table>
<a href="https://www.google.com/alerts/remove?x">Unsubscribe</a></body></html>"""

LETTER = """<html><body><p><a href="https://ngo.example/view/7">View in browser</a></p>
<h2>Brick kilns inspected</h2><p>Inspectors visited forty kilns in March.</p>
<p><a href="https://ngo.example/news/kilns?utm_source=mail">Read more</a></p>
<hr><div><a href="https://ngo.example/news/hotel"><img src="x.png" alt="A hotel lobby"></a>
<h2><a href="https://ngo.example/news/hotel">Hotel staff trained to spot signs</a></h2>
<p>The chain trained 400 people.</p></div>
<p><a href="https://ngo.example/">Home</a> <a href="https://facebook.com/ngo">Facebook</a>
<a href="https://ngo.example/unsubscribe?u=1">Unsubscribe</a></p></body></html>"""


def mail(html="", text="", subject="News of March", **headers):
    made = EmailMessage()
    made["From"] = headers.pop("sender", "The Example Letter <news@ngo.example>")
    made["Subject"] = subject
    made["Date"] = "Fri, 27 Mar 2026 09:00:00 +0800"
    made["Message-ID"] = "<1@ngo.example>"
    made.set_content(text or "See the HTML part.")
    if html:
        made.add_alternative(html, subtype="html")
    return made.as_bytes()


def test_an_alert_is_split_into_its_articles():
    one, two = mailbox.entries(mail(ALERT))
    assert one.url == "https://harbour-post.example/news/1001"
    assert one.headline == "Twelve freed from fishing boats"
    assert "had not been paid for two years" in one.text
    assert (two.url, two.headline) == ("https://northernstar.example/c/77", "Court jails recruiter")


def test_a_newsletter_is_split_and_its_chrome_left_out():
    one, two = mailbox.entries(mail(LETTER))
    assert (one.url, one.headline) == ("https://ngo.example/news/kilns", "Brick kilns inspected")
    assert (two.url, two.headline) == (
        "https://ngo.example/news/hotel",
        "Hotel staff trained to spot signs",
    )


@pytest.mark.parametrize(
    "words",
    ["Unsubscribe", "取消訂閱", "Abmelden", "Se désabonner", "Darse de baja", "ยกเลิกการรับข่าว",
     "Confirm your subscription", "Verify your address"],
)  # fmt: skip
def test_a_link_that_ends_or_confirms_a_subscription_is_never_an_entry(words):
    """Behind a tracker its address says nothing, and fetching it would do it."""
    html = (
        f"<html><p><a href='https://click.example/track/7f3a9'>{words}</a></p>"
        "<p><a href='https://ngo.example/news/kilns'>Brick kilns inspected by the ministry</a></p></html>"
    )
    assert [one.url for one in mailbox.entries(mail(html))] == ["https://ngo.example/news/kilns"]
    text = f"{words}:\nhttps://click.example/track/7f3a9\n\nA story\nhttps://ngo.example/news/kilns"
    assert [one.url for one in mailbox.entries(mail(text=text))] == [
        "https://ngo.example/news/kilns"
    ]


@pytest.mark.parametrize(
    "headline",
    [
        "Facebook job ads lead to scam compounds",
        "Police confirm twelve freed from boats",
        "Firms opt out of forced labour pact",
        "How to donate without doing harm",
        "Privacy law shields survivors",
    ],
)
def test_a_headline_that_holds_a_word_of_the_chrome_is_a_story(headline):
    html = (
        f"<html><p><a href='https://ngo.example/news/facebook-confirms'>{headline}</a></p></html>"
    )
    assert [one.headline for one in mailbox.entries(mail(html))] == [headline]


@pytest.mark.parametrize(
    "words",
    ["View in browser", "Facebook", "Follow us on Instagram", "Privacy Policy", "Donate now"],
)
def test_chrome_is_no_story(words):
    html = f"<html><p><a href='https://ngo.example/news/page-1'>{words}</a></p><p>text</p></html>"
    assert all(one.url is None for one in mailbox.entries(mail(html)))


def test_the_address_that_a_mail_names_for_leaving_is_never_an_entry():
    html = "<html><a href='https://click.example/track/1'>Goodbye to all of this for now</a></html>"
    body = b"List-Unsubscribe: <mailto:x@y.example>, <https://click.example/track/1>\r\n" + mail(
        html
    )
    assert all(one.url is None for one in mailbox.entries(body))


def test_the_date_of_a_mail_is_not_the_date_of_what_it_links_to():
    assert all(one.published is None for one in mailbox.entries(mail(ALERT)))


def test_a_plain_mail_gives_its_links_with_the_line_before():
    text = (
        "Hello,\n\nCourt jails recruiter for nine years\nhttps://northernstar.example/c/77?utm_source=x\n\n"
        "* Kilns inspected: https://ngo.example/news/kilns\n\nUnsubscribe: https://ngo.example/unsubscribe\n"
    )
    one, two = mailbox.entries(mail(text=text))
    assert (one.url, one.headline) == (
        "https://northernstar.example/c/77",
        "Court jails recruiter for nine years",
    )
    assert two.headline == "Kilns inspected"


def test_a_mail_without_links_is_one_entry_with_its_own_date():
    (one,) = mailbox.entries(mail(text="The ministry said today that it would act."))
    assert (one.url, one.headline, one.source) == (None, "News of March", "The Example Letter")
    assert (one.published.value, one.published.offset) == ("2026-03-27T09:00", "+08:00")


def test_a_mail_in_big5_without_a_word_of_it_is_read():
    body = (
        b"From: x <x@y.example>\r\nSubject: =?big5?B?pKO8ZQ==?=\r\n"
        b"Content-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + "港警破獲人口販運集團，救出十二名婦女".encode("big5")
    )
    (one,) = mailbox.entries(body)
    assert one.text


def test_a_folder_of_mails_is_read_and_an_empty_one_is_a_failure(tmp_path):
    (tmp_path / "a.eml").write_bytes(mail(ALERT))
    (tmp_path / "b.eml").write_bytes(b"\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.eml").write_bytes(mail(LETTER))
    got = list(mailbox.folder(tmp_path))
    assert sum(isinstance(one, Entry) for one in got) == 4
    (failure,) = (one for one in got if isinstance(one, Failure))
    assert failure.url == "b.eml"


@given(st.binary(max_size=600))
def test_any_bytes_are_a_mail_or_a_clear_failure(body):
    found = ""
    try:
        mailbox.entries(body)
    except CollectError as error:
        found = error.reason
    assert found in ("", "empty")


class Imap(socketserver.StreamRequestHandler):
    """As much of RFC 3501 as the mailbox speaks; each command is kept."""

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        for line in self.rfile:
            tag, _, command = line.decode().strip().partition(" ")
            self.server.commands.append(command)
            word = command.upper()
            if word.startswith("CAPABILITY"):
                self.wfile.write(b"* CAPABILITY IMAP4rev1\r\n")
            elif word.startswith("LOGIN"):
                if "wrong" in command:
                    self.wfile.write(f"{tag} NO no\r\n".encode())
                    continue
            elif word.startswith("EXAMINE"):
                self.wfile.write(b"* 3 EXISTS\r\n")
            elif word.startswith("UID SEARCH"):
                numbers = " ".join(str(uid) for uid in self.server.mails)
                self.wfile.write(f"* SEARCH {numbers}\r\n".encode())
            elif word.startswith("UID FETCH"):
                uid = int(command.split()[2])
                body = self.server.mails[uid]
                if "HEADER.FIELDS" in word:
                    head = b"From: " + body.split(b"From: ")[1].split(b"\n")[0] + b"\r\n\r\n"
                    size = 30_000_000 if uid == 99 else len(body)
                    self.wfile.write(
                        f"* 1 FETCH (UID {uid} RFC822.SIZE {size} "
                        f"BODY[HEADER.FIELDS (FROM)] {{{len(head)}}}\r\n".encode()
                        + head
                        + b")\r\n"
                    )
                else:
                    self.wfile.write(
                        f"* 1 FETCH (UID {uid} BODY[] {{{len(body)}}}\r\n".encode()
                        + body
                        + b")\r\n"
                    )
            elif word.startswith("LOGOUT"):
                self.wfile.write(f"* BYE bye\r\n{tag} OK done\r\n".encode())
                return
            self.wfile.write(f"{tag} OK done\r\n".encode())


@pytest.fixture
def imap():
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Imap)
    server.daemon_threads, server.commands = True, []
    server.mails = {
        7: mail(ALERT, sender="Google Alerts <alerts@google.example>"),
        8: mail(LETTER),
        99: mail(LETTER),
    }
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def fetched(server, **more):
    given = {"since": date(2026, 3, 1), "port": server.server_address[1], "plain_connection": True}
    return list(mailbox.imap("127.0.0.1", "desk", more.pop("password", "pw"), **given, **more))


def test_a_mailbox_is_read_since_a_day_and_nothing_in_it_is_changed(imap):
    got = fetched(imap)
    assert [uid for uid, _ in got] == ["7", "8"]  # 99 is above 20 MB
    assert len(mailbox.entries(got[0][1])) == 2
    said = " ".join(imap.commands).upper()
    assert "EXAMINE" in said
    assert "SINCE 1-MAR-2026" in said
    assert "SELECT" not in said
    assert "STORE" not in said
    assert "BODY[]" not in said  # only BODY.PEEK, which marks nothing as seen


def test_only_the_named_senders_are_read(imap):
    assert [uid for uid, _ in fetched(imap, senders=["ngo.example"])] == ["8"]


def test_a_wrong_password_and_a_server_that_is_away_are_told(imap):
    with pytest.raises(CollectError) as caught:
        fetched(imap, password="wrong")
    assert caught.value.reason == "blocked"
    with pytest.raises(CollectError) as caught:
        list(
            mailbox.imap(
                "127.0.0.78", "a", "b", since=date(2026, 3, 1), port=9, plain_connection=True
            )
        )
    assert caught.value.reason == "network"
    assert imaplib.IMAP4_SSL  # the usual way, which the loopback server has no certificate for

"""Mails that came back, invented after the forms of real servers: their sources, manuals, RFC 3464, 5965, 3834.

Each is a name, what it is, and the mail as bytes. TOKEN stands for the return path's token and
MESSAGE for the Message-ID of a letter to ann@reader.example.
"""

from __future__ import annotations

from dataclasses import dataclass

ANN = "ann@reader.example"
ORIGINAL = """Return-Path: <bounce+TOKEN@lantern.example>
From: Lantern House <letter@lantern.example>
To: ann@reader.example
Subject: June 2026
Message-ID: <MESSAGE@lantern.example>
List-Unsubscribe: <https://news.lantern.example/u/abcdefghijklmnop>
List-Id: <harbour.lantern.example>

"""


@dataclass(frozen=True)
class Returned:
    name: str
    kind: str
    text: str

    def mail(self, token: str, message_id: str) -> bytes:
        named = self.text.replace("TOKEN", token).replace("MESSAGE", message_id)
        return named.replace("\n", "\r\n").encode()


def dsn(
    name: str, kind: str, *, status: str, why: str, action: str = "failed", words: str = "",
    who: str = "MAILER-DAEMON@mx.reader.example", subject: str = "Undelivered Mail Returned to Sender",
    to: str = ANN, more: str = "",
) -> Returned:  # fmt: skip
    """A bounce by RFC 3464, with the original's head as its third part."""
    return Returned(
        name,
        kind,
        f"""Return-Path: <>
From: Mail Delivery System <{who}>
To: bounce+TOKEN@lantern.example
Subject: {subject}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

{words or f"Your message could not be delivered to {to}: {why}"}

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.reader.example
Arrival-Date: Mon, 1 Jun 2026 10:00:00 +0000

Final-Recipient: rfc822; {to}
{more}Action: {action}
Status: {status}
Diagnostic-Code: smtp; {why}

--b1
Content-Type: text/rfc822-headers

{ORIGINAL}--b1--
""",
    )


def plain(name: str, kind: str, *, text: str, subject: str, who: str, more: str = "") -> Returned:
    """A mail in words alone, to the return path."""
    return Returned(
        name,
        kind,
        f"""From: {who}
To: bounce+TOKEN@lantern.example
Subject: {subject}
{more}MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

{text}
""",
    )


def complaint(
    name: str, kind: str, *, what: str, fields: str = "", head: str = ORIGINAL
) -> Returned:
    """A report of a feedback loop (RFC 5965), to the list's address: only the attached mail names us."""
    return Returned(
        name,
        kind,
        f"""From: feedback@service.example
To: abuse@lantern.example
Subject: Abuse report
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b2"

--b2
Content-Type: text/plain

This is an abuse report for a message.

--b2
Content-Type: message/feedback-report

Feedback-Type: {what}
User-Agent: SomeGenerator/1.0
Version: 1
{fields}
--b2
Content-Type: message/rfc822

{head}Hello
--b2--
""",
    )


DAEMON = "Mail Delivery Subsystem <MAILER-DAEMON@mx.reader.example>"
COPY = f"\n------ This is a copy of the message, including all the headers. ------\n\n{ORIGINAL}"

BOUNCES = [
    # --- gone, by RFC 3464
    dsn("postfix, unknown in table", "hard", status="5.1.1", why="550 5.1.1 <ann@reader.example>: Recipient address rejected: User unknown in virtual mailbox table"),
    dsn("gmail, no account", "hard", status="5.1.1", why="550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking the recipient's email address. https://support.google.com/mail/?p=NoSuchUser - gsmtp"),
    dsn("exchange online, not found", "hard", status="5.1.10", why="550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ann@reader.example not found by SMTP address lookup", who="postmaster@reader.example", subject="Undeliverable: June 2026"),
    dsn("exchange 2010, resolver", "hard", status="5.1.1", why="550 5.1.1 RESOLVER.ADR.RecipNotFound; not found", who="MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@reader.example", subject="Undeliverable: June 2026"),
    dsn("exchange online, access denied AS", "hard", status="5.4.1", why="550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [DB1PEPF0003922E]"),
    dsn("outlook.com, mailbox unavailable", "hard", status="5.5.0", why="550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). User not found"),
    dsn("yahoo, no such account", "hard", status="5.0.0", why="552 1 Requested mail action aborted, mailbox not found"),
    dsn("yahoo, dd", "hard", status="5.0.0", why="554 delivery error: dd This user doesn't have a yahoo.example account (ann@reader.example) [0]"),
    dsn("icloud", "hard", status="5.1.1", why="550 5.1.1 <ann@reader.example>: user does not exist"),
    dsn("proton", "hard", status="5.1.1", why="550 5.1.1 <ann@reader.example>: Recipient address rejected: Address does not exist"),
    dsn("sendmail, user unknown", "hard", status="5.1.1", why="550 5.1.1 <ann@reader.example>... User unknown", subject="Returned mail: see transcript for details"),
    dsn("domain is gone", "hard", status="5.1.2", why="550 5.1.2 Host or domain name not found. Name service error for name=reader.example type=MX: Host not found"),
    dsn("postfix, host not found, vague code", "hard", status="5.4.4", why="X-Postfix; Host or domain name not found. Name service error for name=reader.example type=AAAA: Host not found"),
    dsn("null mx", "hard", status="5.1.0", why="X-Postfix; Domain reader.example does not accept mail (nullMX)"),
    dsn("disabled mailbox", "hard", status="5.2.1", why="550 5.2.1 The email account that you tried to reach is disabled. gsmtp"),
    dsn("moved away", "hard", status="5.1.6", why="551 5.1.6 User has moved; please try another address"),
    dsn("bad syntax", "hard", status="5.1.3", why="553 5.1.3 User address is not valid"),
    dsn("zimbra, vague status", "hard", status="5.0.0", why="550 5.1.1 ann@reader.example: Recipient address rejected: reader.example"),
    dsn("mimecast, invalid recipient", "hard", status="5.0.0", why="550 Invalid Recipient - https://community.mimecast.example/docs/DOC-1369#550"),
    dsn("domino", "hard", status="5.1.1", why="550 5.1.1 ann@reader.example... not listed in Domino Directory"),
    dsn("mail.ru", "hard", status="5.0.0", why="550 Message was not accepted -- invalid mailbox. Local mailbox ann@reader.example is unavailable: user not found"),
    dsn("gmx", "hard", status="5.0.0", why="550 Requested action not taken: mailbox unavailable. No such user here"),
    dsn("original recipient named", "hard", status="5.1.1", why="550 No such user", more="Original-Recipient: rfc822;ann@reader.example\n"),
    dsn("courier", "hard", status="5.0.0", why="550 User unknown.", subject="NOTICE: mail delivery status."),
    dsn("qq", "hard", status="5.0.0", why="550 Mailbox not found. http://service.mail.qq.example/cgi-bin/help?id=20022", subject="=?utf-8?b?6YCA5L+h?="),
    dsn("account closed", "hard", status="5.0.0", why="554 The account has been closed"),
    # --- gone, in the words of older servers
    plain("exim", "hard", who=DAEMON, subject="Mail delivery failed: returning message to sender", more="X-Failed-Recipients: ann@reader.example\nAuto-Submitted: auto-replied\n", text=f"This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  ann@reader.example\n    host mx.reader.example [192.0.2.1]\n    SMTP error from remote mail server after RCPT TO:<ann@reader.example>:\n    550 No such person at this address\n{COPY}"),
    plain("exim, unrouteable", "hard", who=DAEMON, subject="Mail delivery failed: returning message to sender", more="X-Failed-Recipients: ann@reader.example\n", text=f"A message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  ann@reader.example\n    Unrouteable address\n{COPY}"),
    plain("qmail", "hard", who="MAILER-DAEMON@reader.example", subject="failure notice", more="Return-Path: <>\n", text=f"Hi. This is the qmail-send program at reader.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<ann@reader.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n{ORIGINAL}"),
    plain("qmail, no host", "hard", who="MAILER-DAEMON@reader.example", subject="failure notice", more="Return-Path: <>\n", text=f"Hi. This is the qmail-send program at reader.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<ann@reader.example>:\nSorry, I couldn't find any host named reader.example. (#5.1.2)\n\n--- Below this line is a copy of the message.\n\n{ORIGINAL}"),
    plain("old sendmail", "hard", who=DAEMON, subject="Returned mail: User unknown", text=f"   ----- The following addresses had permanent fatal errors -----\n<ann@reader.example>\n\n   ----- Transcript of session follows -----\n... while talking to mx.reader.example.:\n>>> RCPT To:<ann@reader.example>\n<<< 550 User unknown\n\n   ----- Original message follows -----\n{ORIGINAL}"),
    plain("gateway in words", "hard", who="postmaster@reader.example", subject="Undeliverable: June 2026", text=f"Your message did not reach some or all of the intended recipients.\n\n  ann@reader.example\n  The e-mail address does not exist at the organization this message was sent to.\n\n----- Original message -----\n{ORIGINAL}"),
    # --- refused or put off, and alive
    dsn("mailbox full", "soft", status="5.2.2", why="552 5.2.2 The email account that you tried to reach is over quota. gsmtp"),
    dsn("mailbox full, wrong code", "soft", status="5.1.1", why="550 5.1.1 Mailbox full, please try again later"),
    dsn("mailbox full, 4xx given up", "soft", status="4.2.2", why="452 4.2.2 The recipient's inbox is out of storage space. gsmtp"),
    dsn("too large", "soft", status="5.3.4", why="552 5.3.4 Message size exceeds fixed limit"),
    dsn("spam content", "soft", status="5.7.1", why="554 5.7.1 Service unavailable; message looks like spam"),
    dsn("blocklisted", "soft", status="5.7.1", why="550 5.7.1 Service unavailable, Client host [192.0.2.9] blocked using zen.spamhaus.example"),
    dsn("dmarc", "soft", status="5.7.26", why="550-5.7.26 Unauthenticated email from lantern.example is not accepted due to domain's DMARC policy. gsmtp"),
    dsn("outlook, 5.7.515", "soft", status="5.7.515", why="550 5.7.515 Access denied, sending domain lantern.example does not meet the required authentication level."),
    dsn("timeout given up", "soft", status="4.4.1", why="X-Postfix; connect to mx.reader.example[192.0.2.1]:25: Connection timed out"),
    dsn("greylisting given up", "soft", status="4.2.0", why="450 4.2.0 <ann@reader.example>: Recipient address rejected: Greylisted, see http://postgrey.example"),
    dsn("expired in queue", "soft", status="4.4.7", why="X-Exchange; Message expired", subject="Undeliverable: June 2026"),
    dsn("policy with the code of an unknown user", "soft", status="5.1.1", why="550 5.1.1 Rejected by local policy"),
    dsn("restricted group", "soft", status="5.7.133", why="550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required"),
    dsn("disk of the server is full", "soft", status="5.3.1", why="452 4.3.1 Insufficient system storage"),
    dsn("relay denied", "soft", status="5.7.1", why="554 5.7.1 <ann@reader.example>: Relay access denied"),
    dsn("rate limited", "soft", status="4.7.28", why="421-4.7.28 Our system has detected an unusual rate of unsolicited mail. gsmtp"),
    plain("exim, full", "soft", who=DAEMON, subject="Mail delivery failed: returning message to sender", more="X-Failed-Recipients: ann@reader.example\n", text=f"A message that you sent could not be delivered to one or more of its\nrecipients. The following address(es) failed:\n\n  ann@reader.example\n    mailbox is full: retry timeout exceeded\n{COPY}"),
    plain("qmail, over quota", "soft", who="MAILER-DAEMON@reader.example", subject="failure notice", more="Return-Path: <>\n", text=f"Hi. This is the qmail-send program at reader.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<ann@reader.example>:\nThe users mailfolder is over the allowed quota (size). (#5.2.2)\n\n--- Below this line is a copy of the message.\n\n{ORIGINAL}"),
    # --- still tried
    dsn("delayed", "delayed", status="4.4.1", why="X-Postfix; connect to mx.reader.example: Connection refused", action="delayed", subject="Delayed Mail (still being retried)"),
    plain("exim, delayed", "delayed", who=DAEMON, subject="Warning: message 1kXyZ delayed 24 hours", more="X-Failed-Recipients: ann@reader.example\n", text=f"A message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue on mx.reader.example.\n\nThe address to which the message has not yet been delivered is:\n\n  ann@reader.example\n{COPY}"),
    # --- complaints
    complaint("yahoo's loop", "complaint", what="abuse", fields="Original-Mail-From: <bounce+TOKEN@lantern.example>\nOriginal-Rcpt-To: ann@reader.example\nReported-Domain: lantern.example\n"),
    complaint("redacted recipient", "complaint", what="abuse", fields="Original-Rcpt-To: redacted\nArrival-Date: Mon, 1 Jun 2026 10:00:00 +0000\n", head=ORIGINAL.replace(ANN, "redacted@service.example")),
    complaint("fraud", "complaint", what="fraud"),
    complaint("opt-out", "complaint", what="opt-out"),
    Returned("hotmail's junk report", "complaint", f"From: staff@hotmail.example\nTo: abuse@lantern.example\nSubject: complaint about message from 192.0.2.9\nX-HmXmrOriginalRecipient: ann@reader.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b3\"\n\n--b3\nContent-Type: message/rfc822\n\n{ORIGINAL}Hello\n--b3--\n"),
]  # fmt: skip

HARMLESS = [
    complaint("not spam after all", "auto", what="not-spam"),
    dsn("delivered, says a receipt", "auto", status="2.0.0", why="250 2.0.0 ok", action="delivered", subject="Successful Mail Delivery Report"),
    dsn("relayed to a server without receipts", "auto", status="2.0.0", why="250 ok", action="relayed"),
    plain("out of office, exchange", "auto", who="Ann Reader <ann@reader.example>", subject="Automatic reply: June 2026", more="X-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated\n", text="I no longer work on Fridays. In urgent cases write to bob@reader.example, who is not found at the other address."),
    plain("out of office, gmail", "auto", who="Ann Reader <ann@reader.example>", subject="Out of office Re: June 2026", more="Precedence: bulk\nX-Autoreply: yes\n", text="I am away until Monday."),
    plain("vacation of unix", "auto", who="ann@reader.example", subject="away from my mail", more="Precedence: junk\nAuto-Submitted: auto-replied (vacation)\nReturn-Path: <>\n", text="I will not be reading my mail for a while. Your mail about June will be read when I return."),
    plain("out of office, german", "auto", who="ann@reader.example", subject="Abwesenheitsnotiz: June 2026", text="Ich bin bis Montag nicht im Haus. Die Adresse alt@reader.example existiert nicht mehr."),
    plain("out of office, chinese", "auto", who="ann@reader.example", subject="自動回覆: June 2026", text="本人現正休假。"),
    plain("out of office, french", "auto", who="ann@reader.example", subject="Réponse automatique : June 2026", text="Je suis absente."),
    plain("ticket system", "auto", who="help@reader.example", subject="[Ticket #4711] We have received your request", more="Auto-Submitted: auto-replied\n", text="Thank you."),
    plain("challenge", "auto", who="ann@reader.example", subject="Please confirm your message", text="I guard my mailbox against spam. Answer this to be let in."),
    Returned("read receipt", "auto", "From: ann@reader.example\nTo: bounce+TOKEN@lantern.example\nSubject: Read: June 2026\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification; boundary=\"b4\"\n\n--b4\nContent-Type: text/plain\n\nYour message was read.\n--b4\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;ann@reader.example\nDisposition: manual-action/MDN-sent-manually; displayed\n\n--b4--\n"),
    plain("a question", "reply", who="Ann <ann@reader.example>", subject="Re: June 2026", more="In-Reply-To: <MESSAGE@lantern.example>\n", text="Where can I find the report on the harbour? The link is blocked here, user unknown, it says."),
    plain("a thank-you", "reply", who="Ann <ann@reader.example>", subject="Thank you", text="A good issue!"),
    plain("tells of a colleague who left", "reply", who="Bob <bob@reader.example>", subject="Re: June 2026", text="Ann is no longer with us. Please write to carol@reader.example instead."),
    plain("asks to be taken off", "leave", who="Ann <ann@reader.example>", subject="unsubscribe", text="please"),
    plain("asks in the text", "leave", who="Ann <ann@reader.example>", subject="Re: June 2026", text="Please unsubscribe me.\n\nThank you, Ann"),
    plain("asks in chinese", "leave", who="Ann <ann@reader.example>", subject="取消訂閱", text="謝謝"),
]  # fmt: skip

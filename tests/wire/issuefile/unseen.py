"""Invented newsletters in shapes that the reader was not written with: labelled first, read afterwards.

They are the first blind set (see docs/measures-issuefile.md); `unseen_again` holds the second. The
organisations, outlets, people and events do not exist.
"""

from __future__ import annotations

import base64
import quopri
import textwrap
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from email.message import EmailMessage
from urllib.parse import quote

from tests.wire.issuefile.invented import _MONTHS, Group, Letter, News, Writer, _slug, e

_STORIES = (
    (
        "Is your chocolate bar made by children? What the new audit does not say",
        "Auditors visited 30 farms in four days. Campaigners say that no farm knew less than a week ahead.",
    ),
    (
        "Salt workers win back pay of $1.2m after six-year court battle",
        "The appeal court ordered the owner of the Tal salt pans to pay 214 workers. “It is not about money any more,” said one of them.",
    ),
    (
        "Opinion: Stop calling them ‘illegal’",
        "A former inspector explains what words do to the people who have to decide whether to come forward.",
    ),
    (
        "Norland raises minimum age for overseas work to 21",
        "From July, agencies may no longer send workers under 21 abroad. The ministry counted 3,400 complaints last year, most of them about wages.",
    ),
    (
        "Ship’s cook tells parliament of 14 months at sea",
        "He had signed for three. The committee will hear the owners next week.",
    ),
    (
        "TOVIA: Five arrested over online adverts for au pairs",
        "Police in Tovia arrested five people on Tuesday. The adverts had run on three job boards since 2016, according to Lt. Mara Sand.",
    ),
    (
        "Garment brands sign pact on recruitment fees",
        "Eleven brands promise that no worker shall pay for a job. Fees in the region amount to four months’ wages.",
    ),
    (
        "Charity warns of fake rescue pages",
        "Pages that pretend to collect for survivors have taken at least £90,000 since spring, says the Lighthouse Trust.",
    ),
    (
        "Port Amber opens first safe house for men",
        "The house has 12 beds. Until now men who left forced labour slept at the police station.",
    ),
    (
        "Satellite pictures show kilns the register missed",
        "Researchers counted 1,870 kilns in the delta; the official register knows 912.",
    ),
    (
        "Students build app that reads contracts aloud",
        "The app reads in six languages and points out clauses on passports, deductions and days off.",
    ),
    (
        "Judge: fishing firm ‘knew or chose not to know’",
        "The ruling is the first under the Supply Act. The firm said it would appeal.",
    ),
    (
        "Hotel staff in Lowport trained to spot signs of exploitation",
        "Some 600 receptionists, cleaners and porters took part. A helpline number now hangs in each staff room.",
    ),
    (
        "Border guards find 27 people in refrigerated lorry",
        "All 27 survived. The driver, 43, was held.",
    ),
)
_PAPERS = (
    "The Lowport Examiner",
    "Reuben News",
    "Channel Nine Norland",
    "The Tovian",
    "AMN",
    "Eastmark Evening Mail",
    "Free Labour Watch",
    "The Delta Star",
    "Norland Public Radio",
    "Business Weekly",
)
_SHOTS = (
    ("A worker rakes salt near Tal", "P. Quell/AMN"),
    ("The safe house stands near the old pier.", "Lowport Council"),
    ("Kilns in the delta, seen from above", "Orbis Imaging"),
    ("Students at the fair in March", "Channel Nine Norland"),
)


def written(w: Writer, count: int, *, words: str = "Read more", pictures: int = 0) -> list[News]:
    """Items of one letter: the first `pictures` have a caption and a credit."""
    made = []
    for number, (headline, summary) in enumerate(w.r.sample(_STORIES, count)):
        source = w.r.choice(_PAPERS)
        caption, credit = w.r.choice(_SHOTS) if number < pictures else ("", "")
        made.append(
            News(
                headline,
                summary,
                source,
                date(w.year, w.month, w.r.randint(1, 28)),
                url=w.address(source, headline),
                words=words,
                caption=caption,
                credit=credit,
            )
        )
    return made


def _us(d: date) -> str:
    return f"{_MONTHS[d.month - 1]} {d.day}, {d.year}"


def _abbr(d: date) -> str:
    return f"{_MONTHS[d.month - 1][:3]}. {d.day}, {d.year}"


def _day(d: date) -> str:
    return f"{d.day} {_MONTHS[d.month - 1]} {d.year}"


def _short(d: date) -> str:
    return f"{d.day} {_MONTHS[d.month - 1]}"


def _d(item: News) -> date:
    assert item.day is not None
    return item.day


def _html(title: str, body: str, head: str = "", lang: str = "en") -> bytes:
    return f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>{body}</body></html>'.encode()


def _mc(inner: str) -> str:
    return f'<table border="0" cellpadding="0" cellspacing="0" width="100%" class="mcnTextBlock" style="min-width:100%;"><tbody class="mcnTextBlockOuter"><tr><td valign="top" class="mcnTextBlockInner" style="padding-top:9px;"><!--[if mso]><table align="left"><tr><![endif]--><table align="left" border="0" cellpadding="0" cellspacing="0" style="max-width:100%;" width="100%" class="mcnTextContentContainer"><tbody><tr><td valign="top" class="mcnTextContent" style="padding:0 18px 9px;font-size:14px">{inner}</td></tr></tbody></table></td></tr></tbody></table>'


def mailchimp_cards(seed: int) -> Letter:
    """Mailchimp's archive page: hidden preheader, picture cards with captions, linked h3, em for the outlet."""
    w = Writer(seed)
    a, b = written(w, 2, pictures=2), written(Writer(seed + 900), 2)
    news = [replace(n, words="Read the full article") for n in a + b]
    groups = [Group("News from the region", tuple(news[:2])), Group("Global", tuple(news[2:]))]
    body = '<span class="mcnPreviewText" style="display:none; font-size:0px; line-height:0px; max-height:0px; max-width:0px; opacity:0; overflow:hidden; visibility:hidden; mso-hide:all;">Salt, ships and a new house</span>'
    body += _mc(
        '<a href="https://us7.campaign-archive.example/?u=1&id=2" target="_blank">View this email in your browser</a>'
    )
    body += '<table class="mcnImageBlock"><tr><td class="mcnImageContent"><img alt="" src="https://gallery.example/banner.png" width="564" class="mcnImage"></td></tr></table>'
    body += _mc(f'<h1 style="text-align:center">Lighthouse Briefing</h1><h4>{w.title}</h4>')
    body += _mc(
        "Dear friends,<br><br>Thank you for reading. Below is what we saw this month.<br><br>Warmly,<br>The team"
    )
    for group in groups:
        body += _mc(f'<h2 class="null">{group.heading}</h2>')
        body += '<table class="mcnDividerBlock"><tr><td style="border-top:2px solid #eaeaea"><span></span></td></tr></table>'
        for n in group.items:
            text = f'<h3 class="null"><a href="{n.url}" target="_blank">{e(n.headline)}</a></h3><em>{n.source}</em> – {_day(_d(n))}<br><br>{e(n.summary)}<br><br><a href="{n.url}">{n.words}</a>'
            if n.caption:
                body += f'<table class="mcnCaptionBlock" width="100%"><tr><td class="mcnCaptionBlockInner"><table class="mcnCaptionBottomContent"><tr><td class="mcnCaptionBottomImageContent"><img alt="" src="https://gallery.example/{_slug(n.caption)}.jpg" width="264" class="mcnImage"></td></tr><tr><td class="mcnTextContent" valign="top" style="font-size:11px">{e(n.caption)} (Photo: {n.credit})</td></tr></table></td></tr></table>'
            body += _mc(text)
    body += '<table class="mcnButtonBlock"><tr><td><a class="mcnButton" href="https://give.example/">Donate</a></td></tr></table>'
    body += '<table class="mcnFollowBlock"><tr><td><a href="https://f.example">Facebook</a></td><td><a href="https://t.example">Twitter</a></td></tr></table>'
    body += _mc(
        '<em>Copyright © 2019 Lighthouse Trust, All rights reserved.</em><br><br><strong>Our mailing address is:</strong><br>1 Pier Road, Lowport<br><br>Want to change how you receive these emails?<br>You can <a href="https://x.example/p">update your preferences</a> or <a href="https://x.example/u">unsubscribe from this list</a>.'
    )
    return Letter(
        f"mc-{seed}.html",
        _html(f"Lighthouse Briefing | {w.title}", body),
        "mailchimp cards",
        groups,
        w.value,
    )


def constant_contact(seed: int) -> Letter:
    """Constant Contact: spans in paragraphs, bold headline, "Outlet | date", a button below."""
    w = Writer(seed)
    news = written(w, 4, words="Read More")
    groups = [Group("In the News", tuple(news))]
    body = f'<div style="display:none;font-size:1px">What is new</div><table width="100%"><tr><td align="center"><table class="galileo-ap-layout" width="630"><tr><td><table class="heading"><tr><td><p style="margin:0;"><span style="font-size:30px;font-weight:bold">The Crossing Guard</span></p><p style="margin:0;"><span style="font-size:14px">{w.title}</span></p></td></tr></table>'
    body += '<table class="galileo-ap-content-editor"><tr><td><div><p style="margin:0"><span style="font-size:20px;color:#a00;font-weight:bold">In the News</span></p></div></td></tr></table>'
    for n in news:
        body += f'<table><tr><td><div class="galileo-ap-content-editor"><div><div><p style="margin: 0;"><span style="font-size: 16px; font-weight: bold;">{e(n.headline)}</span></p><p style="margin: 0;"><span style="font-style: italic;">{n.source} | {_us(_d(n))}</span></p><p style="margin: 0;"><br></p><p style="margin: 0;"><span>{e(n.summary)}</span></p></div></div></div></td></tr></table><table class="button"><tr><td><a href="{n.url}" style="background:#a00;color:#fff">Read More</a></td></tr></table>'
    body += '</td></tr></table><table><tr><td>The Crossing Guard | 22 Ferry Lane, Lowport</td></tr><tr><td><a href="https://u.example">Unsubscribe reader@mail.example</a></td></tr><tr><td>Sent by info@crossing.example powered by Trusted Email</td></tr></table></td></tr></table>'
    return Letter(
        f"cc{seed}.html",
        _html(f"The Crossing Guard {w.title}", body),
        "constant contact",
        groups,
        w.value,
    )


def substack(seed: int) -> Letter:
    """A Substack post: sections as h3, each item a paragraph led by its linked headline in bold, "(Outlet, 5 March)" at its end."""
    w = Writer(seed)
    news = [replace(n, words="") for n in written(w, 5)]
    groups = [Group("What happened", tuple(news[:3])), Group("Worth your time", tuple(news[3:]))]
    body = f'<article><div class="post-header"><h1 class="post-title">{w.title}: salt, ships and courts</h1><h3 class="subtitle">The Undertow</h3></div><div class="available-content"><div dir="auto" class="body markup"><p><span>Hello and welcome back. It was a long month.</span></p>'
    for g in groups:
        body += f'<h3 class="header-anchor-post">{g.heading}</h3>'
        for n in g.items:
            body += f'<p><strong><a href="{n.url}" rel="">{e(n.headline)}</a>.</strong><span> {e(n.summary)} ({n.source}, {_short(_d(n))})</span></p>'
        body += '<p class="button-wrapper"><a class="button primary" href="https://sub.example/subscribe"><span>Subscribe now</span></a></p><div><hr></div>'
    body += '</div></div></article><div class="footer"><p>© 2021 The Undertow · <a href="#">Privacy</a></p></div>'
    return Letter(f"post{seed}.html", _html("x", body), "substack", groups, w.value)


def word_mail(seed: int) -> Letter:
    """Word as a mail editor: MsoNormal, o:p, bold headline, italic outlet and date, the address as text."""
    w = Writer(seed)
    news = [replace(n, words="") for n in written(w, 4)]
    groups = [Group("International", tuple(news))]

    def m(s: str) -> str:
        return f'<p class="MsoNormal" style="mso-margin-top-alt:auto"><span lang="EN-GB" style="font-size:11.0pt;font-family:&quot;Calibri&quot;,sans-serif">{s}<o:p></o:p></span></p>'

    body = m(f'<b><span style="font-size:18.0pt">Anti-Slavery Digest – {w.title}</span></b>') + m(
        "&nbsp;"
    )
    body += m('<b><u><span style="font-size:14.0pt">International</span></u></b>')
    for n in news:
        body += m(f"<b>{e(n.headline)}</b>") + m(f"<i>{n.source}, {_day(_d(n))}</i>")
        body += m(e(n.summary)) + m(f'<a href="{n.url}">{n.url}</a>') + m("&nbsp;")
    body += m("Kind regards,") + m("Ann Orme") + m("Policy Officer | Harbour Alliance")
    page = f'<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv=Content-Type content="text/html; charset=windows-1252"><style><!-- p.MsoNormal {{margin:0cm;}} --></style></head><body lang=EN-GB><div class=WordSection1>{body}</div></body></html>'
    return Letter(
        f"digest{seed}.htm",
        page.encode("cp1252", "xmlcharrefreplace"),
        "word mail",
        groups,
        w.value,
    )


def google_doc(seed: int) -> Letter:
    """A Google Doc saved as a page: classed spans, redirect links, d/m/Y dates behind "Source" and "Date"."""
    w = Writer(seed)
    news = written(w, 4, words="Link to article")
    groups = [Group("NEWS", tuple(news))]
    head = '<style type="text/css">.c0{font-weight:700;font-size:13pt}.c1{color:#000000;font-weight:400;font-size:11pt}.c2{font-size:20pt;font-weight:700}</style>'
    body = f'<p class="c3"><span class="c2">Monthly Round-up: {w.title}</span></p><p class="c3 c5"><span class="c1"></span></p><p><span class="c0" style="color:#cc0000">NEWS</span></p>'
    for n in news:
        d = _d(n)
        body += f'<p class="c3"><span class="c0">{e(n.headline)}</span></p><p class="c3"><span class="c1">Source: {n.source}</span></p><p class="c3"><span class="c1">Date: {d.day:02}/{d.month:02}/{d.year}</span></p><p class="c3"><span class="c1">{e(n.summary)}</span></p><p class="c3"><span class="c4"><a class="c6" href="https://www.google.com/url?q={quote(n.url, safe="")}&amp;sa=D&amp;source=editors&amp;ust=1&amp;usg=x">Link to article</a></span></p><p class="c3 c5"><span class="c1"></span></p>'
    return Letter(f"doc{seed}.html", _html("Monthly", body, head), "google doc", groups, w.value)


def quoted_text(seed: int) -> Letter:
    """A forwarded mail as text: every row quoted, folded, addresses in angle brackets."""
    w = Writer(seed)
    news = [replace(n, words="") for n in written(w, 4)]
    groups = [Group("", tuple(news))]
    rows = [f"HARBOUR ALLIANCE - NEWS SUMMARY - {w.title.upper()}", ""]
    for n in news:
        rows += [n.headline, f"{n.source}, {_day(_d(n))}"]
        rows += [*textwrap.wrap(n.summary, 70), f"<{n.url}>", ""]
    rows += ["--", "Harbour Alliance", "To unsubscribe reply with REMOVE"]
    text = "---------- Forwarded message ---------\nFrom: Ann Orme <ann@h.example>\nDate: Mon, 3 Jun 2019 at 10:00\nSubject: News summary\nTo: <me@h.example>\n\n\n"
    text += "\n".join(("> " + row).rstrip() for row in rows)
    return Letter(f"fwd{seed}.txt", text.encode(), "quoted text", groups, w.value)


def footnoted_text(seed: int) -> Letter:
    """Text part of a mail: [1] behind headlines, addresses at the end of the letter."""
    w = Writer(seed)
    news = [replace(n, words="") for n in written(w, 5)]
    groups = [Group("This month's news", tuple(news))]
    rows = ["The Lantern", w.title, "", "THIS MONTH'S NEWS", "-----------------", ""]
    for number, n in enumerate(news, 1):
        rows += [f"{n.headline} [{number}]", f"{n.source} - {_us(_d(n))}", ""]
        rows += [*textwrap.wrap(n.summary, 76), ""]
    rows += ["Unsubscribe [9]", "", "Links:", "------"]
    rows += [f"[{i}] {n.url}" for i, n in enumerate(news, 1)] + ["[9] https://x.example/unsub"]
    return Letter(f"part{seed}.txt", "\r\n".join(rows).encode(), "footnoted text", groups, w.value)


def beside(seed: int) -> Letter:
    """Two columns: the picture left with its credit below it, headline and text right."""
    w = Writer(seed)
    news = written(w, 3, words="Full story", pictures=3)
    groups = [Group("Headlines", tuple(news))]
    body = f'<table width="600"><tr><td colspan="2" bgcolor="#003355"><font color="#ffffff" size="6">Open Door News</font><br><font color="#fff">{w.title}</font></td></tr><tr><td colspan="2" bgcolor="#cccccc"><b>Headlines</b></td></tr>'
    for n in news:
        body += f'<tr><td width="180" valign="top"><img src="https://pics.example/{_slug(n.caption)}.jpg" width="170" height="110"><br><font size="1">{e(n.caption)}<br>Photo: {n.credit}</font></td><td valign="top"><font size="4"><b>{e(n.headline)}</b></font><br><font size="2" color="#666666">{n.source} &bull; {_day(_d(n))}</font><br><br><font size="2">{e(n.summary)} <a href="{n.url}">Full story</a></font></td></tr>'
    body += '<tr><td colspan="2"><font size="1">You are receiving this because you signed up. <a href="https://x.example">Unsubscribe</a></font></td></tr></table>'
    return Letter(
        f"od{seed}.html", _html("Open Door News", body), "picture beside text", groups, w.value
    )


def link_list(seed: int) -> Letter:
    """Bullets with nothing but a linked headline, outlet and date; no summaries at all."""
    w = Writer(seed)
    news = [replace(n, words="", summary="") for n in written(w, 8)]
    groups = [
        Group("Trafficking", tuple(news[:4])),
        Group("Labour migration", tuple(news[4:])),
    ]
    body = f"<h1>News links, {w.title}</h1>"
    for g in groups:
        body += (
            f"<h2>{g.heading}</h2><ul>"
            + "".join(
                f'<li><a href="{n.url}">{e(n.headline)}</a>, {n.source}, {_day(_d(n))}</li>'
                for n in g.items
            )
            + "</ul>"
        )
    return Letter(f"links{seed}.html", _html("News links", body), "link list", groups, w.value)


def starred_text(seed: int) -> Letter:
    """Text: a star before each headline, the summary indented, outlet and date in brackets behind it, the address below."""
    w = Writer(seed)
    news = [replace(n, words="") for n in written(w, 5)]
    groups = [Group("", tuple(news))]
    rows = [f"Rights Watchers' Bulletin, {w.title}", "", ""]
    for n in news:
        rows += [f"* {n.headline}"]
        rows += ["  " + r for r in textwrap.wrap(f"{n.summary} ({n.source}, {_day(_d(n))})", 68)]
        rows += [f"  {n.url}", ""]
    return Letter(f"rw{seed}.txt", "\n".join(rows).encode(), "starred text", groups, w.value)


def chinese_page(seed: int) -> Letter:
    """A Traditional Chinese page: headline in bold, outlet and date on one line, link words in Chinese."""
    w = Writer(seed)
    pool = (
        (
            "漁船扣押船員證件 法院判船東罰款",
            "法院裁定船東違反勞工法，須賠償十二名船員。",
            "東岸日報",
        ),
        ("警方搗破假招聘集團 拘五人", "警方表示，集團以高薪海外工作誘騙學生。", "港灣新聞"),
        ("家傭團體促設每周休息日", "約二千名家傭星期日遊行，要求立法。", "勞工觀察"),
        ("酒店員工學習識別受害人", "六百名員工參加了為期兩日的課程。", "北國電台"),
    )
    news = [
        News(
            h,
            s,
            o,
            date(w.year, w.month, 5 + i),
            url=f"https://n{i}.example/{w.year}/{i}",
            words="按此閱讀全文",
        )
        for i, (h, s, o) in enumerate(pool)
    ]
    groups = [Group("本地新聞", tuple(news[:2])), Group("國際新聞", tuple(news[2:]))]
    body = (
        f'<div style="font-size:24px"><b>燈塔電子報</b></div><div>{w.year}年{w.month}月號</div><br>'
    )
    for g in groups:
        body += f'<div style="font-size:18px;color:#036"><b>{g.heading}</b></div>'
        for n in g.items:
            d = _d(n)
            body += f'<div><b>{n.headline}</b></div><div style="color:#888">{n.source}　{d.year}年{d.month}月{d.day}日</div><div>{n.summary}</div><div><a href="{n.url}">{n.words}</a></div><div><br></div>'
    body += '<div>如欲取消訂閱，請<a href="https://x.example">按此</a>。</div>'
    return Letter(
        f"zhp{seed}.html", _html("燈塔電子報", body, lang="zh-HK"), "chinese page", groups, w.value
    )


def chinese_text(seed: int) -> Letter:
    """Traditional Chinese text: headlines in corner brackets, (outlet, date) behind the summary."""
    w = Writer(seed)
    pool = (
        (
            "童工調查：磚窰登記漏報一半",
            "研究人員以衛星圖像點算磚窰，結果比官方登記多一倍。",
            "三角洲星報",
        ),
        ("港口設首間男子庇護所", "庇護所設有十二個床位，由市政府資助。", "低港觀察"),
        ("法官：公司明知故犯", "這是供應鏈法例生效後首宗判決。", "東岸日報"),
    )
    news = [
        News(h, s, o, date(w.year, w.month, 8 + i), url=f"https://t{i}.example/a/{i}")
        for i, (h, s, o) in enumerate(pool)
    ]
    groups = [Group("", tuple(news))]
    rows = [f"燈塔通訊　{w.year}年{w.month}月", ""]
    for n in news:
        d = _d(n)
        rows += [
            f"【{n.headline}】",
            f"{n.summary}（{n.source}，{d.year}年{d.month}月{d.day}日）",
            n.url,
            "",
        ]
    return Letter(f"zht{seed}.txt", "\n".join(rows).encode(), "chinese text", groups, w.value)


def related_mail(seed: int) -> Letter:
    """multipart/related with pictures inside, HTML in base64, the text part a stub."""
    w = Writer(seed)
    news = written(w, 3, words="Continue reading", pictures=2)
    groups = [Group("Top stories", tuple(news))]
    body = f'<h2 style="color:#333">{w.title}</h2><h3>Top stories</h3>'
    for i, n in enumerate(news):
        body += f"<h4>{e(n.headline)}</h4><p><small>{_abbr(_d(n))} - {n.source}</small></p>"
        if n.caption:
            body += f'<p><img src="cid:pic{i}@x" width="400" height="260"></p><p style="font-size:10px"><i>{e(n.caption)} / Credit: {n.credit}</i></p>'
        body += f'<p>{e(n.summary)}</p><p><a href="{n.url}">Continue reading</a></p><hr>'
    mail = EmailMessage()
    mail["Subject"] = f"The Signal – {w.title}"
    mail["From"] = "The Signal <news@signal.example>"
    mail["Date"] = f"Fri, 28 {_MONTHS[w.month - 1][:3]} {w.year} 09:00:00 +0800"
    mail.set_content("Your mail program cannot show this newsletter.")
    mail.add_alternative(body, subtype="html", cte="base64")
    html_part = mail.get_payload()[1]  # type: ignore[index]
    html_part.add_related(base64.b64decode("R0lGODlhAQABAAAAACw="), "image", "gif", cid="<pic0@x>")  # type: ignore[union-attr]
    return Letter(f"signal{seed}.eml", mail.as_bytes(), "related mail", groups, w.value)


def saved_page(seed: int) -> Letter:
    """MHTML: quoted-printable, page of a site builder with divs for everything."""
    w = Writer(seed)
    news = [replace(n, words="Read article") for n in written(w, 4)]
    groups = [Group("", tuple(news))]
    inner = f'<div class="wsite-content-title" style="font-size:28px">{w.title} Newsletter</div>'
    for n in news:
        inner += f'<div class="paragraph"><strong><font size="4">{e(n.headline)}</font></strong><br><span style="color:#999">Posted: {_us(_d(n))} | Source: {n.source}</span><br>{e(n.summary)}<br><a href="{n.url}">Read article</a></div><div class="wsite-spacer" style="height:30px"></div>'
    html = f'<html><head><meta charset="utf-8"><title>{w.title} Newsletter - Safe Harbour</title></head><body><div id="header"><div class="nav"><a href="/">Home</a> <a href="/about">About</a></div></div><div id="wsite-content">{inner}</div></body></html>'
    qp = quopri.encodestring(html.encode()).decode()
    data = f'From: <Saved by Blink>\r\nSubject: {w.title} Newsletter\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; type="text/html"; boundary="----B"\r\n\r\n------B\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Location: https://safeharbour.example/news\r\n\r\n{qp}\r\n------B\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-Location: https://safeharbour.example/x.png\r\n\r\niVBORw0KGgo=\r\n------B--\r\n'
    return Letter(f"saved{seed}.mhtml", data.encode(), "saved page", groups, w.value)


def blocks_export(seed: int) -> Letter:
    """WordPress export with block comments: the issue one post, items as heading blocks and image blocks."""
    w = Writer(seed)
    news = written(w, 4, words="Read the story here", pictures=2)
    groups = [Group("", tuple(news))]
    content = "<!-- wp:paragraph --><p>Here is our round-up.</p><!-- /wp:paragraph -->\n"
    for n in news:
        content += f"<!-- wp:heading --><h2>{e(n.headline)}</h2><!-- /wp:heading -->\n"
        if n.caption:
            content += f'<!-- wp:image --><figure class="wp-block-image"><img src="https://wp.example/{_slug(n.caption)}.jpg" alt=""/><figcaption>{e(n.caption)} Photo credit: {n.credit}</figcaption></figure><!-- /wp:image -->\n'
        content += f'<!-- wp:paragraph --><p><em>{n.source}, {_day(_d(n))}</em></p><!-- /wp:paragraph -->\n<!-- wp:paragraph --><p>{e(n.summary)}</p><!-- /wp:paragraph -->\n<!-- wp:paragraph --><p><a href="{n.url}">Read the story here</a></p><!-- /wp:paragraph -->\n'
    data = f'<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Safe Harbour</title><wp:wxr_version>1.2</wp:wxr_version><item><title>Newsletter {w.title}</title><link>https://wp.example/{seed}</link><content:encoded><![CDATA[{content}]]></content:encoded><wp:post_type>post</wp:post_type><wp:status>publish</wp:status><wp:post_date>{w.value}-28 10:00:00</wp:post_date></item></channel></rss>'
    return Letter(f"export{seed}.xml", data.encode(), "blocks export", groups, w.value)


def markdown_run(seed: int) -> Letter:
    """Markdown: bold headline, then outlet as link with the date in brackets, then the summary, in one paragraph."""
    w = Writer(seed)
    news = [replace(n, words="") for n in written(w, 4)]
    groups = [Group("News", tuple(news[:2])), Group("Comment", tuple(news[2:]))]
    out = [f"# The Undertow, {w.title}", ""]
    for g in groups:
        out += [f"## {g.heading}", ""]
        for n in g.items:
            out += [
                f"**{n.headline}**  ",
                f"[{n.source}]({n.url}) ({_day(_d(n))})",
                "",
                n.summary,
                "",
            ]
    return Letter(f"u{seed}.md", "\n".join(out).encode(), "markdown run", groups, w.value)


def markdown_list(seed: int) -> Letter:
    """Markdown bullets: linked headline, dash, summary, outlet and ISO date in italics."""
    w = Writer(seed)
    news = [replace(n, words="") for n in written(w, 5)]
    groups = [Group("Links of the month", tuple(news))]
    out = ["---", f"title: Link letter {w.title}", "---", "", "## Links of the month", ""]
    out += [
        f"- [{n.headline}]({n.url}) – {n.summary} *{n.source}, {_d(n).isoformat()}*" for n in news
    ]
    return Letter(f"l{seed}.md", "\n".join(out).encode(), "markdown list", groups, w.value)


def numbered_text(seed: int) -> Letter:
    """Text: "1. Headline (Outlet, 5 March 2019)", the summary, "Link: address"."""
    w = Writer(seed)
    news = [replace(n, words="") for n in written(w, 5)]
    groups = [Group("", tuple(news))]
    rows = ["MEDIA MONITORING REPORT", f"Period: {w.title}", ""]
    for i, n in enumerate(news, 1):
        rows += [f"{i}. {n.headline} ({n.source}, {_day(_d(n))})", n.summary, f"Link: {n.url}", ""]
    return Letter(f"mm{seed}.txt", "\n".join(rows).encode(), "numbered text", groups, w.value)


def gmail_compose(seed: int) -> Letter:
    """Typed into Gmail: a div for each line, bold headlines, "Outlet - Nov. 19, 2018"."""
    w = Writer(seed)
    news = [replace(n, words="") for n in written(w, 4)]
    groups = [Group("", tuple(news))]
    body = f'<div dir="ltr"><div>Hi all,</div><div><br></div><div>Please find below the news of {w.title}.</div><div><br></div>'
    for n in news:
        body += f'<div><b>{e(n.headline)}</b></div><div>{n.source} - {_abbr(_d(n))}</div><div>{e(n.summary)}</div><div><a href="{n.url}">{n.url}</a></div><div><br></div>'
    body += '<div>Best wishes,</div><div>Tom</div><div>-- <br></div><div dir="ltr" class="gmail_signature">Tom Quell<br>Open Door</div></div>'
    mail = EmailMessage()
    mail["Subject"] = f"News round-up {w.title}"
    mail["From"] = "Tom Quell <tom@od.example>"
    mail["Date"] = f"Fri, 28 {_MONTHS[w.month - 1][:3]} {w.year} 09:00:00 +0800"
    mail.set_content("see html")
    mail.add_alternative(body, subtype="html")
    return Letter(f"gm{seed}.eml", mail.as_bytes(), "gmail compose", groups, w.value)


def capitals_text(seed: int) -> Letter:
    """Text: headlines in capitals, "-- Outlet, 5/3/2019" below the summary, then the address."""
    w = Writer(seed)
    news = [replace(n, words="", headline=n.headline.upper()) for n in written(w, 4)]
    news = [replace(n, day=date(w.year, w.month, 13 + i)) for i, n in enumerate(news)]
    groups = [Group("", tuple(news))]
    rows = [f"The Watch - {w.title}", ""]
    for n in news:
        d = _d(n)
        rows += [
            n.headline,
            "",
            n.summary,
            f"-- {n.source}, {d.day}/{d.month}/{d.year}",
            n.url,
            "",
            "",
        ]
    return Letter(f"w{seed}.txt", "\n".join(rows).encode(), "capitals text", groups, w.value)


def bars(seed: int) -> Letter:
    """Coloured bars for sections, everything else one cell with line breaks; a sponsor's block between."""
    w = Writer(seed)
    news = written(w, 4, words="More »")
    groups = [Group("ASIA PACIFIC", tuple(news[:2])), Group("EUROPE", tuple(news[2:]))]
    body = f'<center><table width="640"><tr><td><p align="center"><font size="5">FREEDOM UPDATE</font><br>{w.title} | Vol. 4 No. {seed}</p></td></tr>'
    for i, g in enumerate(groups):
        body += f'<tr><td bgcolor="#990000"><font color="#FFFFFF"><b>&nbsp;{g.heading}</b></font></td></tr><tr><td>'
        body += "<br><br>".join(
            f'<b>{e(n.headline)}</b><br>{_day(_d(n))} ({n.source})<br>{e(n.summary)} <a href="{n.url}">More »</a>'
            for n in g.items
        )
        body += "</td></tr>"
        if i == 0:
            body += '<tr><td style="border:1px solid #ccc"><font size="1">ADVERTISEMENT</font><br><a href="https://sponsor.example"><img src="https://sponsor.example/ad.gif" width="468" height="60" alt="Blue Gull Ferries: sail with us"></a></td></tr>'
    body += '<tr><td><font size="1"><a href="https://x.example/f">Forward to a friend</a> | <a href="https://x.example/u">Unsubscribe</a></font></td></tr></table></center>'
    return Letter(f"fu{seed}.html", _html("FREEDOM UPDATE", body), "bars", groups, w.value)


def date_above(seed: int) -> Letter:
    """ "Nov. 19, 2018 – Outlet" above a headline that is a link; the summary below; nothing bold."""
    w = Writer(seed)
    news = [replace(n, words="") for n in written(w, 4)]
    groups = [Group("Press coverage", tuple(news))]
    body = f"<div><h1>Press coverage</h1><p>{w.title}</p>"
    for n in news:
        body += f'<p style="color:#777;font-size:12px">{_abbr(_d(n))} – {n.source}</p><p><a href="{n.url}">{e(n.headline)}</a></p><p>{e(n.summary)}</p>'
    return Letter(
        f"pc{seed}.html", _html("Press coverage", body + "</div>"), "date above", groups, w.value
    )


def underlined(seed: int) -> Letter:
    """Headlines underlined as links to nowhere else; outlet in capitals before the text: "AMN, 5 Mar: ..."."""
    w = Writer(seed)
    news = [replace(n, words="Access the article here") for n in written(w, 4, pictures=1)]
    groups = [Group("Regional news", tuple(news))]
    body = f'<p><span style="font-size:26px"><strong>Sea Change</strong></span></p><p><strong>{w.title}</strong></p><p><span style="font-size:18px"><strong>Regional news</strong></span></p>'
    for n in news:
        if n.caption:
            body += f'<p><img src="https://i.example/1.jpg" alt="" width="500" height="300"></p><p><em>{e(n.caption)} ({n.credit} photo)</em></p>'
        body += f'<p><u>{e(n.headline)}</u></p><p>Date: {_day(_d(n)).replace(" ", "&nbsp;")}<br>Source:&nbsp;{n.source}</p><p>{e(n.summary)}</p><p>Access the article <a href="{n.url}">here</a>.</p>'
    return Letter(f"sc{seed}.html", _html("Sea Change", body), "underlined", groups, w.value)


UNSEEN: tuple[Callable[[int], Letter], ...] = (
    mailchimp_cards,
    constant_contact,
    substack,
    word_mail,
    google_doc,
    quoted_text,
    footnoted_text,
    beside,
    link_list,
    starred_text,
    chinese_page,
    chinese_text,
    related_mail,
    saved_page,
    blocks_export,
    markdown_run,
    markdown_list,
    numbered_text,
    gmail_compose,
    capitals_text,
    bars,
    date_above,
    underlined,
)


def letters(each: int = 2) -> list[Letter]:
    """`each` letters of every layout: 46 with the default."""
    return [layout(seed * 17 + n) for n, layout in enumerate(UNSEEN) for seed in range(1, each + 1)]

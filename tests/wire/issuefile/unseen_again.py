"""Invented newsletters of the second blind set: labelled after the first set was read right, before any was run.

The organisations, outlets, people and events do not exist.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from email.message import EmailMessage

from tests.wire.issuefile.invented import _MONTHS, Group, Letter, News, Writer, _slug, e
from tests.wire.issuefile.unseen import _SHOTS, _abbr, _d, _day, _html, _mc, _us, written

_OWN = (
    (
        "Meet our new outreach van",
        "The van will visit the docks four nights a week.\n\nIt was paid for by 312 of you. Thank you!",
    ),
    (
        "Court volunteers wanted",
        "Could you spare one morning a month to sit with a witness? We train you and pay your fares.",
    ),
    (
        "What we told the committee",
        "In May we gave evidence on visas for domestic workers. We asked for the right to change employer.\n\nThe committee will report in autumn.",
    ),
    (
        "Save the date: walk for freedom",
        "Join us on the pier at ten. Bring a friend and good shoes.",
    ),
    (
        "Amina’s bakery turns two",
        "With a loan from our fund Amina opened her bakery. She now employs three people.",
    ),
    (
        "Annual report out now",
        "We answered 2,904 calls last year, a fifth more than the year before.",
    ),
)


def own(w: Writer, count: int, words: str, pictures: int = 0) -> list[News]:
    """An organisation's own news: no date, no source, a link with its words."""
    made = []
    for number, (headline, summary) in enumerate(w.r.sample(_OWN, count)):
        caption, credit = w.r.choice(_SHOTS) if number < pictures else ("", "")
        made.append(
            News(
                headline,
                summary,
                url=f"https://opendoor.example/{_slug(headline)}",
                words=words,
                caption=caption,
                credit=credit,
                kind="highlight",
            )
        )
    return made


def own_news(seed: int) -> Letter:
    """A charity's own letter: pictures above headlines, paragraphs, buttons; no outlets, no dates."""
    w = Writer(seed)
    news = own(w, 4, "Find out more", pictures=2)
    groups = [Group("", tuple(news))]
    body = f'<table width="600" class="wrapper"><tr><td><img src="https://o.example/logo.png" width="200" height="60" alt="Open Door"></td></tr><tr><td><h1>Your {w.title} update</h1><p>Dear Ann,</p><p>Spring is a busy time at the docks. Here is what you made possible.</p></td></tr>'
    for n in news:
        body += '<tr><td class="row">'
        if n.caption:
            body += f'<img src="https://o.example/{_slug(n.headline)}.jpg" width="600" height="300" alt=""><p class="caption" style="font-size:11px;color:#777">{e(n.caption)} © {n.credit}</p>'
        body += f"<h2>{e(n.headline)}</h2>" + "".join(
            f"<p>{e(p)}</p>" for p in n.summary.split("\n\n")
        )
        body += f'<table class="btn"><tr><td><a href="{n.url}">Find out more</a></td></tr></table></td></tr>'
    body += '<tr><td class="footer"><p>Open Door, 5 Quay Street, Lowport. Registered charity 000000.</p><p><a href="https://x.example">Unsubscribe</a> | <a href="https://x.example/v">View in browser</a></p></td></tr></table>'
    return Letter(f"own{seed}.html", _html("Open Door", body), "own news", groups, w.value)


def monitoring_table(seed: int) -> Letter:
    """A table with a head: Date, Outlet, Headline (linked), Summary."""
    w = Writer(seed)
    news = [replace(n, words="") for n in written(w, 5)]
    groups = [Group("", tuple(news))]
    body = f"<h1>Media monitoring, {w.title}</h1><table border=1><tr><th>Date</th><th>Outlet</th><th>Headline</th><th>Summary</th></tr>"
    body += "".join(
        f'<tr><td>{_day(_d(n))}</td><td>{n.source}</td><td><a href="{n.url}">{e(n.headline)}</a></td><td>{e(n.summary)}</td></tr>'
        for n in news
    )
    return Letter(
        f"table{seed}.html",
        _html("Media monitoring", body + "</table>"),
        "monitoring table",
        groups,
        w.value,
    )


def one_block(seed: int) -> Letter:
    """Mailchimp, all items in one text block with breaks; linked bold headlines; "Source: X, date" last."""
    w = Writer(seed)
    news = [replace(n, words="") for n in written(w, 5)]
    groups = [Group("Trafficking in the news", tuple(news))]
    inner = '<span style="font-size:18px"><strong>Trafficking in the news</strong></span><br><br>'
    inner += "<br><br>".join(
        f'<strong><a href="{n.url}">{e(n.headline)}</a></strong><br>{e(n.summary)}<br><em>Source: {n.source}, {_day(_d(n))}</em>'
        for n in news
    )
    body = (
        _mc(f"<h1>The Beacon</h1>{w.title}")
        + _mc(inner)
        + _mc(
            "Copyright © 2020 The Beacon, All rights reserved. <a href='https://x.example'>unsubscribe from this list</a>"
        )
    )
    return Letter(f"beacon{seed}.html", _html("The Beacon", body), "one block", groups, w.value)


def outlet_before(seed: int) -> Letter:
    """Paragraphs that begin with the outlet in bold capitals, then the linked headline, a dash, the date."""
    w = Writer(seed)
    news = [replace(n, words="") for n in written(w, 4)]
    groups = [Group("This week", tuple(news))]
    body = f"<h1>Week in links</h1><p>{_day(date(w.year, w.month, 28))}</p><h2>This week</h2>"
    for n in news:
        body += f'<p><b>{n.source}</b>: <a href="{n.url}">{e(n.headline)}</a> ({_us(_d(n))})</p><p>{e(n.summary)}</p>'
    return Letter(f"wil{seed}.html", _html("Week in links", body), "outlet before", groups, w.value)


def all_labels(seed: int) -> Letter:
    """Text with a label before every part: Headline, Date, Source, Summary, URL."""
    w = Writer(seed)
    news = [replace(n, words="") for n in written(w, 4)]
    groups = [Group("", tuple(news))]
    rows = [f"Press cuttings {w.title}", ""]
    for n in news:
        rows += [
            f"Headline: {n.headline}",
            f"Date: {_day(_d(n))}",
            f"Source: {n.source}",
            f"Summary: {n.summary}",
            f"URL: {n.url}",
            "",
        ]
    return Letter(f"cut{seed}.txt", "\n".join(rows).encode(), "all labels", groups, w.value)


def arrows(seed: int) -> Letter:
    """Text mail: ">> Headline", "Outlet (date)" below, folded text, "Read: <address>", stars between."""
    w = Writer(seed)
    news = [replace(n, words="Read") for n in written(w, 4)]
    groups = [Group("", tuple(news))]
    mail = EmailMessage()
    mail["Subject"] = f"[watch-list] Harbour Watch {w.title}"
    mail["From"] = "Harbour Watch <hw@lists.example>"
    mail["Date"] = f"Fri, 28 {_MONTHS[w.month - 1][:3]} {w.year} 09:00:00 +0000"
    rows = ["Dear all,", "", "our selection:", ""]
    for n in news:
        rows += [f"*** {n.headline} ***", f"{n.source} ({_day(_d(n))})", ""]
        rows += [*textwrap.wrap(n.summary, 66), "", f"Read: <{n.url}>", "", ""]
    rows += [
        "_______________________________________________",
        "watch-list mailing list",
        "https://lists.example/watch",
    ]
    mail.set_content("\n".join(rows), cte="quoted-printable")
    return Letter(f"list{seed}.eml", mail.as_bytes(), "arrows", groups, w.value)


def word_tables(seed: int) -> Letter:
    """Word's tables in tables, MsoListParagraph bullets typed with a symbol font, dates behind a comma."""
    w = Writer(seed)
    news = [replace(n, words="") for n in written(w, 4)]
    groups = [Group("Regional", tuple(news[:2])), Group("Global", tuple(news[2:]))]

    def p(c: str, s: str) -> str:
        return f'<p class={c} style="margin-left:0cm"><span style="font-family:Calibri">{s}</span><o:p></o:p></p>'

    body = "<div class=WordSection1><table class=MsoNormalTable><tr><td><table class=MsoNormalTable><tr><td>"
    body += p("MsoTitle", "<b><span style='font-size:22.0pt'>Equity Bulletin</span></b>") + p(
        "MsoNormal", w.title
    )
    for g in groups:
        body += p(
            "MsoNormal", f"<b><span style='font-size:15.0pt;color:#1F497D'>{g.heading}</span></b>"
        )
        for n in g.items:
            body += p(
                "MsoListParagraph",
                f'<span style="font-family:Symbol">·<span style="font:7.0pt &quot;Times New Roman&quot;">&nbsp;&nbsp;&nbsp;&nbsp; </span></span><b><a href="{n.url}">{e(n.headline)}</a></b>, {n.source}, {_day(_d(n))}',
            ) + p("MsoListParagraph", e(n.summary))
    body += "</td></tr></table></td></tr></table></div>"
    return Letter(f"eb{seed}.htm", _html("Equity Bulletin", body), "word tables", groups, w.value)


def campaign_boxes(seed: int) -> Letter:
    """Two boxes side by side in a row: picture, credit, headline, small outlet and date, text, link."""
    w = Writer(seed)
    news = written(w, 4, words="Read on", pictures=4)
    groups = [Group("Latest news", tuple(news))]

    def box(n: News) -> str:
        return f'<td width="50%" valign="top"><div class="layout__inner"><img src="https://c.example/{_slug(n.headline)}.jpg" width="280" height="180" alt=""><p style="font-size:10px;margin:0">{e(n.caption)} | Image: {n.credit}</p><h3 style="margin:0"><a href="{n.url}">{e(n.headline)}</a></h3><p style="font-size:12px;color:#888">{n.source} · {_abbr(_d(n))}</p><p style="font-size:14px">{e(n.summary)}</p><p><a href="{n.url}">Read on</a></p></div></td>'

    body = f'<div class="preheader" style="display:none">Latest news</div><table><tr><td colspan=2><h1>Anchor</h1><p>{w.title}</p></td></tr><tr><td colspan=2><h2>Latest news</h2></td></tr>'
    for i in (0, 2):
        body += f"<tr>{box(news[i])}{box(news[i + 1])}</tr>"
    body += '<tr><td colspan=2><p>Anchor Foundation, Lowport</p><p><a href="https://x.example">Unsubscribe</a></p></td></tr></table>'
    return Letter(f"anchor{seed}.html", _html("Anchor", body), "campaign boxes", groups, w.value)


def term_list(seed: int) -> Letter:
    """A definition list: the headline as term; outlet, date and text as description."""
    w = Writer(seed)
    news = [replace(n, words="Link") for n in written(w, 4)]
    groups = [Group("Reading", tuple(news))]
    body = f"<h1>Bulletin of the Dockers’ Mission – {w.title}</h1><h2>Reading</h2><dl>"
    for n in news:
        body += f'<dt>{e(n.headline)}</dt><dd>{n.source}, {_abbr(_d(n))}</dd><dd>{e(n.summary)} [<a href="{n.url}">Link</a>]</dd>'
    return Letter(f"dm{seed}.html", _html("Bulletin", body + "</dl>"), "term list", groups, w.value)


def chinese_numbered(seed: int) -> Letter:
    """Traditional Chinese mail: 一、二、三、 before headlines, labels in brackets below the text."""
    w = Writer(seed)
    pool = (
        ("農場移工欠薪案開審", "十九名移工控告農場拖欠工資七個月。", "東岸日報"),
        ("新法要求企業交代供應鏈", "僱員逾五百人的企業須每年公布審查結果。", "北國電台"),
        ("飛行員學習辨識販運跡象", "航空公司表示，課程推行以來共收到十四宗報告。", "港灣新聞"),
    )
    news = [
        News(
            h,
            s,
            o,
            date(w.year, w.month, 11 + i),
            url=f"https://cn{i}.example/{i}",
            words="詳情請按此",
        )
        for i, (h, s, o) in enumerate(pool)
    ]
    groups = [Group("新聞摘要", tuple(news))]
    body = f"<p><b>碼頭使命團月訊</b></p><p>{w.year}年{w.month}月</p><p><b>新聞摘要</b></p>"
    for i, n in enumerate(news):
        d = _d(n)
        body += f'<p><b>{"一二三"[i]}、{n.headline}</b></p><p>{n.summary}</p><p>（資料來源：{n.source}；日期：{d.year}年{d.month}月{d.day}日）</p><p><a href="{n.url}">詳情請按此</a></p>'
    return Letter(
        f"cm{seed}.html", _html("月訊", body, lang="zh-Hant"), "chinese numbered", groups, w.value
    )


def mixed(seed: int) -> Letter:
    """First the organisation's own news with paragraphs, then press items with outlet lines, in Markdown with pictures."""
    w = Writer(seed)
    ours = own(w, 2, "Read our statement")
    news = written(w, 3, words="Read the article", pictures=1)
    groups = [Group("From us", tuple(ours)), Group("In the press", tuple(news))]
    out = [f"# Quay News {w.title}", "", "## From us", ""]
    for n in ours:
        out += [f"### {n.headline}", "", n.summary, "", f"[Read our statement]({n.url})", ""]
    out += ["## In the press", ""]
    for n in news:
        out += [f"### {n.headline}", ""]
        if n.caption:
            out += [f"![]({'https://q.example/p.jpg'})", f"*{n.caption} – photo: {n.credit}*", ""]
        out += [
            f"*{n.source}* | {_us(_d(n))}",
            "",
            n.summary,
            "",
            f"[Read the article]({n.url})",
            "",
        ]
    return Letter(f"qn{seed}.md", "\n".join(out).encode(), "mixed", groups, w.value)


def summary_first(seed: int) -> Letter:
    """Bold headline, text, then "– Outlet, date" flush right, linked; a rule between."""
    w = Writer(seed)
    news = [replace(n, words="") for n in written(w, 4)]
    groups = [Group("", tuple(news))]
    body = f'<div class="email"><p style="font-size:24px">Mission Post</p><p style="font-size:14px">{w.title}</p><hr>'
    for n in news:
        body += f'<p><b>{e(n.headline)}</b></p><p>{e(n.summary)}</p><p align="right"><a href="{n.url}">– {n.source}, {_day(_d(n))}</a></p><hr>'
    return Letter(
        f"mp{seed}.html", _html("Mission Post", body + "</div>"), "summary first", groups, w.value
    )


UNSEEN_AGAIN: tuple[Callable[[int], Letter], ...] = (
    own_news,
    monitoring_table,
    one_block,
    outlet_before,
    all_labels,
    arrows,
    word_tables,
    campaign_boxes,
    term_list,
    chinese_numbered,
    mixed,
    summary_first,
)


def letters(each: int = 2) -> list[Letter]:
    """`each` letters of every layout: 24 with the default."""
    return [
        layout(seed * 23 + n)
        for n, layout in enumerate(UNSEEN_AGAIN)
        for seed in range(1, each + 1)
    ]

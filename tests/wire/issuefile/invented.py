"""Invented newsletters in fourteen layouts, each with its labels.

The organisations, outlets, people and events do not exist. Each layout was written after a form
that newsletters really have (a WordPress page, a Mailchimp archive, Outlook's tables, a digest
typed as text ...); what changes from letter to letter within a layout is drawn from a seeded
generator: which items, date forms, link words, quotes, blanks, missing parts.
"""

from __future__ import annotations

import html as htmllib
import random
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from email.message import EmailMessage


@dataclass(frozen=True)
class News:
    """An item with its labels. `url` is what its link leads to; `words` are the link's words."""

    headline: str
    summary: str
    source: str = ""
    day: date | None = None
    precision: str = "day"
    url: str = ""
    words: str = ""
    caption: str = ""
    credit: str = ""
    extra: tuple[tuple[str, str], ...] = ()  # further labelled links
    kind: str = "article"

    @property
    def value(self) -> str:
        if self.day is None:
            return ""
        return self.day.isoformat()[: {"day": 10, "month": 7, "year": 4}[self.precision]]


@dataclass(frozen=True)
class Group:
    heading: str
    items: tuple[News, ...]
    intro: str = ""


@dataclass
class Letter:
    """A file with what is in it."""

    name: str
    data: bytes
    layout: str
    groups: list[Group] = field(default_factory=list)
    month: str = ""
    titles: tuple[str, ...] = ()  # equally good names of the issue; none: not labelled
    one_of_several: bool = False  # the file holds more issues; this one is known by its title

    @property
    def items(self) -> list[News]:
        return [item for group in self.groups for item in group.items]


_OUTLETS = (
    "The Example Tribune",
    "Lantern News Service",
    "Lowport Post",
    "The Harbour Times",
    "Quayside Daily",
    "Norland Broadcasting",
    "The Weekly Ledger",
    "Inkwell",
    "Foundation for Fair Work",
    "Delta & Coast",
    "Radio Meridian",
    "The Standard of Eastmark",
    "Global Labour Wire",
    "KBN News",
    "Straits Courier",
)
_NEWS = (
    (
        "Coast guard frees more than 40 fishermen after search of six boats",
        "The coast guard said on Friday that it had freed 43 fishermen, among them five boys of 16, from six boats held off Lowport. Four captains were arrested.",
    ),
    (
        "Police say sham model agency took passports of students",
        "An agency that promised work abroad kept the passports of 12 students, the police said. Their families were told to pay for them.",
    ),
    (
        "‘We were never paid’: cleaners sue hotel chain over forced labour",
        "Eleven cleaners have sued a hotel chain in the High Court of Norland. They say that they worked 16 hours a day and were locked in at night.",
    ),
    (
        "Bank opens accounts for people without papers after forced labour",
        "Banks usually ask for proof of address, which people who fled forced labour seldom have. Three branches now accept a letter from a shelter instead.",
    ),
    (
        "New law makes firms answer for their suppliers",
        "Parliament has passed a law under which firms with more than 500 staff must look for forced labour among their suppliers and report each year.",
    ),
    (
        "Eastmark court jails three for trafficking women from Tovia",
        "A court in Eastmark has sentenced three men to between six and eleven years. The women, aged 19 to 34, had been promised work in restaurants.",
    ),
    (
        "Brick kilns still hold families in debt, survey finds",
        "More than half of 1,200 families asked in the delta work off debts that never shrink, a survey by two universities has found.",
    ),
    (
        "Seafarers left without pay on ship off Port Amber",
        "Nineteen seafarers have been on board for seven months without wages. Their union says that food and water are running out.",
    ),
    (
        "How recruiters use games to find children",
        "Recruiters meet children in online games and move them to closed chats within days, a report by the Safe Play group says.",
    ),
    (
        "Minister promises help line in nine languages",
        "The minister of labour said that a help line for migrant workers would open in May, in nine languages and at all hours.",
    ),
    (
        "Tea estates to be checked after pickers’ complaint",
        "Inspectors will visit 40 estates. Pickers had complained that their papers were kept in the manager’s safe.",
    ),
    (
        "Airline crews learn to notice trafficking",
        "Blue Gull Air has trained 3,000 crew members. It says that 14 reports have been made since the course began.",
    ),
    (
        "Domestic workers march for a weekly day of rest",
        "Some 2,000 domestic workers marched through the city on Sunday. They ask for one day of rest each week and for the right to live out.",
    ),
    (
        "Scam compounds: 200 people brought home from border town",
        "Two flights have brought home 200 people who were held in compounds and made to cheat others online. Many had answered adverts for office work.",
    ),
    (
        "Journalist wins prize for series on orphanage visits",
        "The series showed how children were taken from their parents to fill homes that tourists pay to visit.",
    ),
    (
        "UN expert: labour inspections cut by half since 2015",
        "The number of inspectors has fallen by half in seven of ten countries, the expert told the council. She called for new posts by next year.",
    ),
    (
        "Supermarkets pull prawns after report on sheds",
        "Two chains have taken prawns from their shelves after a report on peeling sheds in which children worked at night.",
    ),
    (
        "Survivors help to write guide for judges",
        "Twelve survivors have worked with the judges’ academy on a guide that explains why people do not run away.",
    ),
)
_OURS = (
    (
        "Tea & Talk with Blue Gull Ferries",
        "Recently, Lantern House was asked to tell the crews of Blue Gull Ferries about our work. Ferries see who travels, and with whom, so we were glad of the afternoon.",
    ),
    (
        "Harbour Labour Report 2021",
        "The city has been moved to ‘Band 3’ in the latest Harbour Labour Report, released on 12 May.\n\nThe city’s plan for night shelters was named as a reason for the change.\n\nHowever, the report noted that few crews had been asked about their papers.",
    ),
    (
        "A new home for our night school",
        "Our night school has moved to Pier Road. Sixty students came to the first evening, and we thank all who carried chairs.",
    ),
    (
        "Thank you, runners",
        "You ran 4,100 kilometres for Lantern House in April. Together you raised enough for two years of legal help.",
    ),
    (
        "We are hiring a case worker",
        "Do you speak Tovian and know the law on residence? We look for a case worker from August on.",
    ),
)
_RESOURCES = (
    (
        "Forced labour at sea – World Ferry Union",
        "This page leads to training sheets and posters for crews.",
        "World Ferry Union (WFU)",
        "webpage",
    ),
    (
        "The Gangway Handbook",
        "To help crews, the Council has written its first Gangway Handbook.",
        "Lowport Harbour Council",
        "Handbook",
    ),
    (
        "Report: What Stewards See: Motives, Obstacles and Answers in Training the Crews of Night Ferries",
        "This report says that stewards could be a new help against forced labour.",
        "The Quay Club",
        "report",
    ),
    (
        "Ten Questions for Recruiters: A Toolkit",
        "A list of questions that firms can ask the agencies that find their workers.",
        "Fair Hiring Circle",
        "toolkit",
    ),
    (
        "Listening First: A Guide for Interpreters",
        "How to interpret for people who have been through violence, in four short chapters.",
        "Norland School of Languages",
        "guide",
    ),
)
_CAPTIONS = (
    ("Many of the nets were older than the crew.", "LNS, via The Example Tribune"),
    ("Workers leave the yard at dawn", "Reuters"),
    ("The court house in Eastmark", "A. Tolliver/Inkwell"),
    ("A boat lies off Lowport, 3 May.", "Mara Quill / Delta & Coast"),
    ("Pickers on the slopes above Tal", "J. Orme"),
    ("The minister at the opening", "Handout"),
)
_GENERIC = (
    "Access the article here.",
    "Read more",
    "Click here to access the article.",
    "Read the full article here.",
    "Read more here",
    "Full story",
    "Click here to read more.",
    "Read the full story »",
    "Continue reading →",
)
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _slug(text: str) -> str:
    return "-".join(
        "".join(c if c.isalnum() and c.isascii() else " " for c in text.lower()).split()
    )[:60]


class Writer:
    """Draws the items of one letter."""

    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)
        self.year, self.month = self.r.randint(2012, 2024), self.r.randint(1, 12)
        self.seed = seed

    @property
    def title(self) -> str:
        return f"{_MONTHS[self.month - 1]} {self.year}"

    @property
    def value(self) -> str:
        return f"{self.year}-{self.month:02}"

    def address(self, source: str, headline: str) -> str:
        host = _slug(source).replace("-", "")
        return f"https://www.{host}.example/{self.year}/{self.month:02}/{_slug(headline)}"

    def news(
        self, count: int, *, words: str | None = None, pictures: float = 0.0, urls: bool = True
    ) -> list[News]:
        generic = words or self.r.choice(_GENERIC)
        made = []
        for headline, summary in self.r.sample(_NEWS, count):
            source = self.r.choice(_OUTLETS)
            caption, credit = self.r.choice(_CAPTIONS) if self.r.random() < pictures else ("", "")
            made.append(
                News(
                    headline,
                    summary,
                    source,
                    date(self.year, self.month, self.r.randint(1, 28)),
                    url=self.address(source, headline) if urls else "",
                    words=generic,
                    caption=caption,
                    credit=credit,
                )
            )
        return made

    def ours(self, count: int, *, urls: bool = True) -> list[News]:
        made = []
        for headline, summary in self.r.sample(_OURS, count):
            extra: tuple[tuple[str, str], ...] = ()
            if "Report" in headline:
                base = "https://lanternhouse.example/"
                extra = tuple(
                    (f"Access the {what} here.", base + _slug(what) if urls else "")
                    for what in ("Harbour Labour Report 2021", "city’s response")
                )
            made.append(News(headline, summary, extra=extra, kind="highlight"))
        return made

    def resources(self, count: int, *, urls: bool = True) -> list[News]:
        made = []
        for headline, summary, source, what in self.r.sample(_RESOURCES, count):
            made.append(
                News(
                    headline,
                    summary,
                    source,
                    date(self.year, self.month, 1),
                    precision=self.r.choice(("year", "month")),
                    url=self.address(source, headline) if urls else "",
                    words=f"Access the {what} here.",
                    kind="resource",
                )
            )
        return made

    def day(self, item: News, form: str) -> str:
        """The date of an item in one of the forms that people type."""
        d = item.day
        assert d is not None
        if item.precision == "year":
            return str(d.year)
        if item.precision == "month":
            return f"{_MONTHS[d.month - 1]} {d.year}"
        name = _MONTHS[d.month - 1]
        return {
            "long": f"{d.day} {name} {d.year}",
            "two": f"{d.day} {name} {d.year % 100:02}",
            "us": f"{name} {d.day}, {d.year}",
            "short": f"{d.day} {name[:3]} {d.year}",
            "th": f"{d.day}{'th' if 4 <= d.day <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(d.day % 10, 'th')} {name} {d.year}",
            "weekday": f"{d:%A}, {d.day} {name} {d.year}",
            "iso": d.isoformat(),
        }[form]

    def form(self, *forms: str) -> str:
        return self.r.choice(forms or ("long", "us", "short", "two", "th"))

    def straight(self, text: str) -> str:
        """Half of the letters have typewriter quotes."""
        return (
            text
            if self.seed % 2
            else text.replace("‘", "'").replace("’", "'").replace("“", '"').replace("”", '"')
        )


e = htmllib.escape


# -- text --------------------------------------------------------------------------------------------


def typed_with_labels(seed: int) -> Letter:
    """The form of the model issue: labels, link words on a line, no addresses or addresses below."""
    w = Writer(seed)
    urls = seed % 3 == 0
    nbsp = "\u00a0" if seed % 2 else ""
    colon = w.r.choice((": ", ":", " : "))
    form = w.form("long", "two", "th")
    gap = "\n" * w.r.choice((2, 3))
    groups = [
        Group(
            w.r.choice(
                ("Highlights of the Month", "Highlight of the Month", "This Month’s Highlights")
            ),
            tuple(w.ours(2, urls=urls)),
        ),
        Group("", tuple(w.news(3, pictures=0.4, urls=urls))),
        Group("", tuple(w.news(2, urls=urls))),
    ]
    if seed % 2:
        groups.append(
            Group(
                "",
                tuple(w.resources(2, urls=urls)),
                "Forced labour is more and more a topic for ferries. Here’s our pick of resources for crews:",
            )
        )
    out = [w.title, ""]
    for number, group in enumerate(groups):
        if number and not group.intro:
            out += gap.split("\n")
        if group.heading:
            out += [group.heading, ""]
        if group.intro:
            out += [group.intro, ""]
        for item in group.items:
            if item.caption:
                stop = "" if item.caption.endswith(".") else "."
                out += [f"{item.caption}{stop} Image credits: {item.credit}", ""]
            out += [item.headline, ""]
            if item.day:
                out += [f"Date{colon}{w.day(item, form)}{nbsp} ", f"Source{colon}{item.source}", ""]
            for paragraph in item.summary.split("\n\n"):
                out += [paragraph, ""]
            links = list(item.extra) or ([(item.words, item.url)] if item.words else [])
            for words, url in links:
                out.append(f"{words.rstrip('.')}: {url}" if url else words + nbsp)
            if links:
                out.append("")
    text = w.straight("\n".join(out))
    return Letter(f"{_slug(w.title)}.txt", text.encode(), "typed with labels", groups, w.value)


def typed_digest(seed: int) -> Letter:
    """A numbered digest, folded at 72 columns, with underlined headings and a source line."""
    w = Writer(seed)
    form = w.form("long", "us", "short")
    groups = [
        Group(w.r.choice(("NEWS FROM NORLAND", "ASIA", "LOCAL NEWS")), tuple(w.news(3))),
        Group(w.r.choice(("AROUND THE WORLD", "INTERNATIONAL NEWS", "WORLD")), tuple(w.news(3))),
    ]
    out = ["LANTERN LETTER", f"Issue {seed} – {w.title}", "=" * 30, ""]
    count = 0
    for group in groups:
        out += [group.heading, "-" * len(group.heading), ""]
        for item in group.items:
            count += 1
            out += textwrap.wrap(f"{count}. {item.headline}", 72, subsequent_indent="   ")
            out.append(
                f"{item.source} ({w.day(item, form)})"
                if seed % 2
                else f"{item.source}, {w.day(item, form)}"
            )
            out += ["", *textwrap.wrap(item.summary, 72), "", item.url, "", ""]
    out += [
        "--",
        "You are receiving this mail because you signed up.",
        "To unsubscribe, reply with STOP.",
    ]
    groups = [replace(g, items=tuple(replace(i, words="") for i in g.items)) for g in groups]
    return Letter(
        f"letter{seed}.txt", w.straight("\n".join(out)).encode(), "typed digest", groups, w.value
    )


def typed_source_below(seed: int) -> Letter:
    """Headline, summary, then "Source: X, date" and "Link:"; stars between items."""
    w = Writer(seed)
    form = w.form("long", "us")
    groups = [Group("In the news", tuple(w.news(4))), Group("Resources", tuple(w.resources(2)))]
    out = [
        f"The Pier – newsletter of Lantern House, {w.title}",
        "",
        "Dear friends,",
        "",
        "Spring has come to the harbour, and with it this letter. We wish you a good read of it all.",
        "",
    ]
    for group in groups:
        out += ["", f"*** {group.heading} ***" if seed % 2 else group.heading.upper(), ""]
        for item in group.items:
            out += [item.headline, *textwrap.wrap(item.summary, 70)]
            out += [f"Source: {item.source}, {w.day(item, form)}", f"Link: {item.url}", ""]
    out += ["Lantern House, 4 Pier Road, Lowport", "Follow us on all channels"]
    groups = [replace(g, items=tuple(replace(i, words="") for i in g.items)) for g in groups]
    return Letter(
        f"pier-{w.value}.txt",
        w.straight("\r\n".join(out)).encode("utf-8"),
        "typed, source below",
        groups,
        w.value,
    )


# -- HTML --------------------------------------------------------------------------------------------


def _page(title: str, body: str, head: str = "") -> str:
    return f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{e(title)}</title>{head}</head><body>{body}</body></html>'


def wordpress_page(seed: int) -> Letter:
    """A post on a WordPress site: headings, label lines broken by br, figures with captions, chrome."""
    w = Writer(seed)
    form = w.form("long", "two", "short")
    tag = w.r.choice(("h3", "h4", "p"))
    groups = [
        Group(w.r.choice(("Highlights of the Month", "Highlight of the Month")), tuple(w.ours(2))),
        Group("Norland", tuple(w.news(2, pictures=0.5))),
        Group("World", tuple(w.news(3, pictures=0.5))),
        Group("Resources", tuple(w.resources(2)), "This month’s pick for the ferry trade:"),
    ]
    out = []
    for group in groups:
        out.append(f"<h2>{e(group.heading)}</h2>")
        if group.intro:
            out.append(f"<p>{e(group.intro)}</p>")
        for item in group.items:
            if item.caption:
                out.append(
                    f'<figure class="wp-block-image"><img src="https://lanternhouse.example/wp-content/uploads/{_slug(item.caption)}.jpg" alt="" width="800" height="500"/><figcaption>{e(item.caption)}{"" if item.caption.endswith(".") else "."} Image credits: {e(item.credit)}</figcaption></figure>'
                )
            out.append(f"<{tag}><strong>{e(item.headline)}</strong></{tag}>")
            if item.day:
                out.append(f"<p>Date: {w.day(item, form)}&nbsp;<br />Source: {e(item.source)}</p>")
            out += [f"<p>{e(p)}</p>" for p in item.summary.split("\n\n")]
            links = list(item.extra) or ([(item.words, item.url)] if item.url else [])
            for words, url in links:
                if seed % 2:
                    out.append(f'<p><a href="{url}">{e(words)}</a></p>')
                else:
                    head, _, tail = words.rpartition(" ")
                    out.append(
                        f'<p>{e(head)} <a href="{url}" target="_blank" rel="noopener">{e(tail)}</a></p>'
                    )
    body = f"""<header class="site-header"><p class="site-title"><a href="/">Lantern House</a></p><nav class="menu"><ul><li><a href="/about">About us</a></li><li><a href="/donate">Donate</a></li></ul></nav></header>
<div id="content"><article class="post-12 post"><header class="entry-header"><h1 class="entry-title">{w.title}</h1><div class="entry-meta">Posted on <time>{w.year}-{w.month:02}-28</time> by admin</div></header>
<div class="entry-content">{"".join(out)}<div class="sharedaddy sd-sharing"><h3>Share this:</h3><ul><li><a href="https://twitter.example/x">Twitter</a></li></ul></div></div>
<footer class="entry-footer">Posted in <a href="/n">Newsletter</a></footer></article></div>
<aside class="sidebar widget-area"><h2 class="widget-title">Recent Posts</h2><ul><li><a href="/a">April letter</a></li></ul></aside>
<footer class="site-footer">Proudly powered by WordPress</footer>"""
    return Letter(
        f"{_slug(w.title)}.html",
        w.straight(_page(f"{w.title} – Lantern House", body)).encode(),
        "WordPress page",
        groups,
        w.value,
    )


def mailchimp_archive(seed: int) -> Letter:
    """Mailchimp's archive of a mail: blocks of nested tables, a hidden preview, headlines by style."""
    w = Writer(seed)
    form = w.form("long", "us", "th")
    groups = [
        Group("Highlights", tuple(w.ours(1))),
        Group("Local news", tuple(w.news(2, pictures=0.5))),
        Group("International news", tuple(w.news(3, pictures=0.5))),
    ]

    def block(inner: str) -> str:
        return (
            '<table border="0" cellpadding="0" cellspacing="0" width="100%" class="mcnTextBlock" style="min-width:100%;"><tbody class="mcnTextBlockOuter"><tr><td valign="top" class="mcnTextBlockInner"><table align="left" border="0" cellpadding="0" cellspacing="0" width="100%"><tbody><tr><td valign="top" class="mcnTextContent" style="padding:0 18px 9px;font-size:14px;">'
            f"{inner}</td></tr></tbody></table></td></tr></tbody></table>"
        )

    rule = '<table class="mcnDividerBlock" width="100%"><tbody><tr><td style="border-top:2px solid #EAEAEA;"><span></span></td></tr></tbody></table>'
    out = [
        block(
            f'<h1 style="text-align:center;">Lantern House News</h1><div style="text-align:center">{w.title}</div>'
        )
    ]
    for group in groups:
        out.append(block(f'<h2 style="color:#c00">{e(group.heading)}</h2>'))
        for item in group.items:
            if item.caption:
                out.append(
                    f'<table class="mcnCaptionBlock" width="100%"><tbody><tr><td><table class="mcnCaptionBottomContent"><tbody><tr><td class="mcnCaptionBottomImageContent"><img alt="" src="https://gallery.example/{_slug(item.caption)}.jpg" width="564" class="mcnImage"></td></tr><tr><td class="mcnTextContent" style="font-size:11px">{e(item.caption)} (Photo: {e(item.credit)})</td></tr></tbody></table></td></tr></tbody></table>'
                )
            inner = f'<span style="font-size:18px"><strong>{e(item.headline)}</strong></span><br>'
            if item.day:
                inner += (
                    f"<em>{e(item.source)}, {w.day(item, form)}</em><br>"
                    if seed % 2
                    else f"<em>{w.day(item, form)} | {e(item.source)}</em><br>"
                )
            inner += "<br>" + "<br><br>".join(e(p) for p in item.summary.split("\n\n")) + "<br><br>"
            for words, url in list(item.extra) or ([(item.words, item.url)] if item.url else []):
                inner += f'<a href="{url}" target="_blank">{e(words)}</a><br>'
            out.append(block(inner))
            if seed % 3 == 0:
                out.append(rule)
    body = f"""<div id="archivebar">Subscribe Past Issues RSS Translate</div><span class="mcnPreviewText" style="display:none; font-size:0px; max-height:0px; overflow:hidden;">What happened at the harbour in {w.title}</span>
<center><table id="bodyTable" width="100%"><tr><td><table class="templateContainer" width="600"><tr><td id="templatePreheader">{block('<a href="https://mail.example/view">View this email in your browser</a>')}</td></tr><tr><td><img src="https://gallery.example/logo.png" alt="Lantern House" width="200"></td></tr><tr><td id="templateBody">{"".join(out)}</td></tr><tr><td id="templateFooter">{block('<em>Copyright © Lantern House, All rights reserved.</em><br><strong>Our mailing address is:</strong><br>4 Pier Road, Lowport<br><br>Want to change how you receive these emails?<br>You can <a href="x">update your preferences</a> or <a href="y">unsubscribe from this list</a>.')}</td></tr></table></td></tr></table></center>"""
    style = "<style>h1{font-size:26px;font-weight:bold} h2{font-size:22px} .mcnTextContent{font-size:16px}</style>"
    return Letter(
        f"campaign-{seed}.html",
        w.straight(_page(f"Lantern House News, {w.title}", body, style)).encode(),
        "Mailchimp archive",
        groups,
        w.value,
    )


def outlook_tables(seed: int) -> Letter:
    """Word and Outlook: MsoNormal paragraphs in tables of tables, sizes in points, nothing but style."""
    w = Writer(seed)
    form = w.form("long", "short", "two")
    groups = [
        Group(w.r.choice(("Our news", "From us")), tuple(w.ours(1))),
        Group("In the media", tuple(w.news(5))),
    ]

    def p(inner: str) -> str:
        return f'<p class=MsoNormal style="margin:0cm"><span style="font-size:11.0pt;font-family:Calibri">{inner}<o:p></o:p></span></p>'

    empty = p("&nbsp;")
    rows = [
        p(f'<b><span style="font-size:20.0pt">Lantern House Bulletin – {w.title}</span></b>'),
        empty,
    ]
    for group in groups:
        rows += [
            p(f'<b><span style="font-size:16.0pt;color:#1F4E79">{e(group.heading)}</span></b>'),
            empty,
        ]
        for item in group.items:
            rows.append(p(f'<b><span style="font-size:12.0pt">{e(item.headline)}</span></b>'))
            if item.day:
                if seed % 2:
                    rows.append(p(f"<i>{e(item.source)}, {w.day(item, form)}</i>"))
                else:
                    rows += [
                        p(f"<b>Date:</b> {w.day(item, form)}"),
                        p(f"<b>Source:</b>&nbsp;{e(item.source)}"),
                    ]
            rows += [p(e(x)) for x in item.summary.split("\n\n")]
            for words, url in list(item.extra) or ([(item.words, item.url)] if item.url else []):
                rows.append(p(f'<a href="{url}"><span style="color:#0563C1">{e(words)}</span></a>'))
            rows.append(empty)
    cell = "".join(rows)
    for _ in range(6):
        cell = f"<table border=0 cellspacing=0 cellpadding=0><tr><td width=10></td><td>{cell}</td></tr></table>"
    body = f'<div class=WordSection1>{cell}<p class=MsoNormal><span style="font-size:8.0pt">If you no longer wish to receive this bulletin, let us know.</span></p></div>'
    page = f'<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv=Content-Type content="text/html; charset=windows-1252"><title></title></head><body lang=EN-GB>{body}</body></html>'
    data = w.straight(page).encode("cp1252", "xmlcharrefreplace")
    return Letter(f"bulletin {w.title}.htm", data, "Outlook tables", groups, w.value)


def mail_of_linked_headlines(seed: int) -> Letter:
    """An .eml with both parts; each headline is the link, "Source | date" below it."""
    w = Writer(seed)
    form = w.form("long", "us", "weekday")
    bar = w.r.choice((" | ", " · ", " – ", ", "))
    news = [replace(n, words="") for n in w.news(6)]
    groups = [Group("Asia", tuple(news[:3])), Group("Europe", tuple(news[3:]))]
    out = [f'<h1 style="font-size:28px">Trafficking Brief</h1><p style="color:#888">{w.title}</p>']
    text = ["Trafficking Brief", ""]
    for group in groups:
        out.append(f'<h2 style="font-size:20px;border-bottom:1px solid">{e(group.heading)}</h2>')
        for item in group.items:
            out.append(
                f'<div style="margin:20px 0"><h3 style="font-size:17px"><a href="{item.url}?utm_source=brief">{e(item.headline)}</a></h3><p style="font-size:12px;color:#777">{e(item.source)}{bar}{w.day(item, form)}</p><p>{e(item.summary)}</p></div>'
            )
            text += [item.headline, item.url, item.summary, ""]
    out.append(
        '<p style="font-size:11px">You are receiving this email because you signed up at lantern.example. <a href="https://l.example/u">Unsubscribe</a></p>'
    )
    message = EmailMessage()
    message["From"] = "Trafficking Brief <brief@lantern.example>"
    message["To"] = "reader@mail.example"
    message["Subject"] = w.r.choice(("", "Fwd: ")) + f"Trafficking Brief – {w.title}"
    message["Date"] = f"Tue, 28 {_MONTHS[w.month - 1][:3]} {w.year} 09:00:00 +0800"
    message.set_content(w.straight("\n".join(text)))
    message.add_alternative(w.straight(f"<html><body>{''.join(out)}</body></html>"), subtype="html")
    groups = [
        replace(g, items=tuple(replace(i, url=i.url + "?utm_source=brief") for i in g.items))
        for g in groups
    ]
    return Letter(
        f"brief{seed}.eml", message.as_bytes(), "mail of linked headlines", groups, w.value
    )


def markdown_file(seed: int) -> Letter:
    """Markdown with or without front matter; linked headings, a line in italics for the details."""
    w = Writer(seed)
    form = w.form("long", "us", "iso")
    groups = [Group("Highlights", tuple(w.ours(2))), Group("News", tuple(w.news(4)))]
    out = []
    if seed % 2:
        out += [
            "---",
            f'title: "Lantern Letter, {w.title}"',
            f"date: {w.year}-{w.month:02}-28",
            "---",
            "",
        ]
    else:
        out += [f"# Lantern Letter, {w.title}", ""]
    for group in groups:
        out += [f"## {group.heading}", ""]
        for item in group.items:
            linked = seed % 3 == 0 and item.url
            out += [f"### [{item.headline}]({item.url})" if linked else f"### {item.headline}", ""]
            if item.day:
                out += [f"*{item.source}, {w.day(item, form)}*", ""]
            out += [item.summary, ""]
            for words, url in item.extra:
                out += [f"- [{words}]({url})"]
            if item.extra:
                out.append("")
            if item.url and not linked:
                out += [f"[{item.words}]({item.url})", ""]
    if seed % 3 == 0:
        groups = [replace(g, items=tuple(replace(i, words="") for i in g.items)) for g in groups]
    return Letter(
        f"{_slug(w.title)}.md", w.straight("\n".join(out)).encode(), "Markdown", groups, w.value
    )


def bullets(seed: int) -> Letter:
    """A list of links by region: "Headline (Source, date)", no summary or one sentence."""
    w = Writer(seed)
    form = w.form("long", "short", "us")
    news = [replace(n, words="") for n in w.news(8)]
    told = seed % 2 == 0
    news = [replace(n, summary=n.summary.split(". ")[0] + "." if told else "") for n in news]
    groups = [
        Group("Africa", tuple(news[:3])),
        Group("Asia and the Pacific", tuple(news[3:6])),
        Group("Europe", tuple(news[6:])),
    ]
    out = [f"<h1>Fair Work Weekly</h1><p>{w.title}</p>"]
    for group in groups:
        out.append(f"<h2>{e(group.heading)}</h2><ul>")
        for item in group.items:
            details = (
                f"({e(item.source)}, {w.day(item, form)})"
                if seed % 3
                else f"– {e(item.source)}, {w.day(item, form)}"
            )
            more = f"<br>{e(item.summary)}" if told else ""
            out.append(f'<li><a href="{item.url}">{e(item.headline)}</a> {details}{more}</li>')
        out.append("</ul>")
    return Letter(
        f"weekly-{seed}.html",
        w.straight(_page("Fair Work Weekly", "".join(out))).encode(),
        "list of links",
        groups,
        w.value,
    )


def details_at_the_end(seed: int) -> Letter:
    """Bold headline, a paragraph that ends with "(Source, date)" and "Read more"."""
    w = Writer(seed)
    form = w.form("long", "short", "us")
    groups = [
        Group(
            "Headlines of the month",
            tuple(w.news(5, words=w.r.choice(("Read more", "Read more here.", "Full story")))),
        ),
        Group("New publications", tuple(w.resources(2))),
    ]
    out = [
        f'<p style="font-size:26px"><b>Open Hands Newsletter</b></p><p>{w.title}</p><p>Welcome to our letter. This month we look at the sea, at the courts, and at what a bank can do for those who come back.</p>'
    ]
    for group in groups:
        out.append(f'<p style="font-size:20px;color:#036"><b>{e(group.heading)}</b></p>')
        for item in group.items:
            out.append(f"<p><b>{e(item.headline)}</b></p>")
            out.append(
                f'<p>{e(item.summary)} ({e(item.source)}, {w.day(item, form)}) <a href="{item.url}">{e(item.words)}</a></p>'
            )
    return Letter(
        f"open-hands-{w.value}.html",
        w.straight(_page(f"Open Hands Newsletter {w.title}", "".join(out))).encode(),
        "details at the end",
        groups,
        w.value,
    )


def details_above(seed: int) -> Letter:
    """Cards: a small line "date | source" above a linked headline; a picture at the top of a card."""
    w = Writer(seed)
    form = w.form("long", "us", "short")
    news = [
        replace(n, words=w.r.choice(("Continue reading →", "Read more")))
        for n in w.news(5, pictures=0.4)
    ]
    groups = [Group("Latest news", tuple(news))]
    out = [
        f'<div class="hero"><h1>Freedom at Work</h1><p class="issue">{w.title}</p></div><h2>Latest news</h2>'
    ]
    for item in news:
        picture = (
            f'<img src="https://cdn.example/{_slug(item.headline)}.jpg" alt="{e(item.caption)}" width="560" height="300"><p class="caption">{e(item.caption)} <span class="credit">Photo: {e(item.credit)}</span></p>'
            if item.caption
            else ""
        )
        meta = (
            f"{w.day(item, form)} | {e(item.source)}"
            if seed % 2
            else f"{e(item.source)} – {w.day(item, form)}"
        )
        out.append(
            f'<div class="card">{picture}<p class="meta" style="font-size:12px">{meta}</p><h3><a href="{item.url}">{e(item.headline)}</a></h3><p>{e(item.summary)}</p><p><a href="{item.url}">{e(item.words)}</a></p></div>'
        )
    return Letter(
        f"freedom-{seed}.html",
        w.straight(_page(f"Freedom at Work | {w.title}", "".join(out))).encode(),
        "details above",
        groups,
        w.value,
    )


def side_by_side(seed: int) -> Letter:
    """Rows of two cells: picture with caption on the left, text on the right; "Published on:"."""
    w = Writer(seed)
    form = w.form("long", "us")
    groups = [Group("Stories", tuple(w.news(5, pictures=0.6)))]
    out = [
        f'<tr><td colspan="2" style="font-size:30px;font-weight:bold">The Watch</td></tr><tr><td colspan="2">{w.title}</td></tr><tr><td colspan="2" style="font-size:22px;font-weight:bold">Stories</td></tr>'
    ]
    for item in groups[0].items:
        left = (
            f'<img src="https://img.example/{_slug(item.caption)}.jpg" alt="" width="180" height="120"><br><span style="font-size:10px">{e(item.caption)} © {e(item.credit)}</span>'
            if item.caption
            else ""
        )
        right = f'<b style="font-size:17px">{e(item.headline)}</b><br>{e(item.summary)}<br>Published on: {w.day(item, form)}<br>Source: {e(item.source)}<br><a href="{item.url}">{e(item.words)}</a>'
        out.append(
            f'<tr><td width="200" valign="top">{left}</td><td valign="top" style="font-size:14px">{right}</td></tr><tr><td colspan="2"><hr></td></tr>'
        )
    return Letter(
        f"watch-{seed}.html",
        w.straight(_page(f"The Watch – {w.title}", f"<table>{''.join(out)}</table>")).encode(),
        "side by side",
        groups,
        w.value,
    )


_ZH = (
    (
        "警方搗破販運集團 拯救十二名女子",
        "警方昨日表示，行動中拯救了十二名女子，並拘捕三名男子。",
        "示例日報",
    ),
    (
        "外傭團體促請設立每周休息日",
        "約二千名外籍家庭傭工周日遊行，要求每周有一天休息。",
        "港灣新聞",
    ),
    (
        "漁船被扣 四十名船員獲救",
        "海岸防衛隊表示，獲救的船員來自四個國家，其中五人未滿十八歲。",
        "燈籠通訊社",
    ),
    ("銀行為受害人開設戶口", "三間分行現接受庇護中心的信件，代替住址證明。", "海旁時報"),
)


def chinese(seed: int) -> Letter:
    """Traditional Chinese with 日期 and 來源, as text or as a page."""
    w = Writer(seed)
    items = tuple(
        News(
            h,
            s,
            source,
            date(w.year, w.month, w.r.randint(1, 28)),
            url=f"https://news.example/zh/{n}",
            words="按此閱讀全文",
        )
        for n, (h, s, source) in enumerate(w.r.sample(_ZH, 3))
    )
    groups = [Group("香港", items)]
    title = f"{w.year}年{w.month}月"
    if seed % 2:
        out = [f"燈塔通訊 {title}", "", "香港", ""]
        for item in items:
            assert item.day
            out += [
                item.headline,
                "",
                f"日期：{item.day.year}年{item.day.month}月{item.day.day}日",
                f"來源：{item.source}",
                "",
                item.summary,
                "",
                f"{item.words}：{item.url}",
                "",
            ]
        return Letter(f"zh{seed}.txt", "\n".join(out).encode(), "Chinese", groups, w.value)
    body = [f"<h1>燈塔通訊 {title}</h1><h2>香港</h2>"]
    for item in items:
        assert item.day
        body.append(
            f'<h3>{item.headline}</h3><p>日期：{item.day.year}年{item.day.month}月{item.day.day}日<br>來源：{item.source}</p><p>{item.summary}</p><p><a href="{item.url}">{item.words}</a></p>'
        )
    return Letter(
        f"zh{seed}.html",
        _page("燈塔通訊", "".join(body)).replace('lang="en"', 'lang="zh-Hant"').encode(),
        "Chinese",
        groups,
        w.value,
    )


def lead_in(seed: int) -> Letter:
    """Each item one paragraph that begins with its headline in bold; source and date in its link line."""
    w = Writer(seed)
    form = w.form("long", "us")
    news = [replace(n, words="") for n in w.news(5)]
    groups = [Group("Slavery in the news", tuple(news))]
    out = [f"<h1>Slavery in the News</h1><p><em>{w.title}</em></p><h2>Slavery in the news</h2>"]
    for number, item in enumerate(news, start=1):
        mark = f"{number}. " if seed % 2 else ""
        out.append(
            f'<p><strong>{mark}{e(item.headline)}</strong><br>{e(item.summary)} <a href="{item.url}">{e(item.source)}</a>, {w.day(item, form)}</p>'
        )
    return Letter(
        f"slavery-{seed}.html",
        w.straight(_page(f"Slavery in the News {w.title}", "".join(out))).encode(),
        "lead-in",
        groups,
        w.value,
    )


LAYOUTS: tuple[Callable[[int], Letter], ...] = (
    typed_with_labels,
    typed_digest,
    typed_source_below,
    wordpress_page,
    mailchimp_archive,
    outlook_tables,
    mail_of_linked_headlines,
    markdown_file,
    bullets,
    details_at_the_end,
    details_above,
    side_by_side,
    chinese,
    lead_in,
)


def letters(each: int = 4) -> list[Letter]:
    """`each` letters of every layout: 56 with the default."""
    return [
        layout(seed * 31 + number)
        for number, layout in enumerate(LAYOUTS)
        for seed in range(1, each + 1)
    ]

"""Newsletters of one hand each: how a sender sets an item is drawn once, and what drifts is drawn per item.

The layouts of `invented` and `unseen` are each one shape. Real senders combine: this one types labels and
links its headlines, that one has neither and credits its pictures. `letters(n)` draws such hands from a
seeded generator, in the manner of typed letters (with the drift that copying brings: blank lines lost or
doubled, labels swapped, links without address) and of mail tools' pages. Written for development by whoever
wrote the reader, so it is no test of the unseen. The outlets, people and events do not exist.
"""

from __future__ import annotations

import random
import textwrap
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from html import escape

from tests.wire.issuefile import invented, unseen
from tests.wire.issuefile.invented import Group, Letter, News

_MONTHS = invented._MONTHS

_MORE = (
    (
        "Police raid fishing village, free 28 migrant workers from locked huts",
        "Police in the southern district freed 28 migrant workers on Tuesday after one of them swam to the mainland and asked for help. The men, aged 17 to 45, said that they had been locked in at night and paid only in food since January. Two brokers and a boat owner were held; a third broker is still sought.",
    ),
    (
        "Why are so few traffickers convicted?",
        "Of 1,904 cases opened in the last five years only 61 ended in a conviction. Prosecutors blame a lack of interpreters, judges blame the police, and survivors say nobody told them when their case was heard. The author spoke to all of them.",
    ),
    (
        "Supermarket chain to publish names of all suppliers by 2025",
        "The chain said that it would publish the names and addresses of its 2,300 suppliers, down to the farms. Campaigners welcomed the step but asked for wages to be published as well.",
    ),
    (
        "Domestic worker awarded HK$1.2 million over years of unpaid overtime",
        "The District Court ruled that the employer had kept the worker’s passport and bank card for six years. It is the highest award so far in such a case. The employer has 28 days to appeal.",
    ),
    (
        "Dr. Amina Sule: “We were told that they did not exist”",
        "In an interview, the doctor who opened the first clinic for trafficked men in the region explains why so few come forward, what the law overlooks and how a barber’s shop became her best ally.",
    ),
    (
        "US, Norland sign agreement on seasonal farm visas",
        "Under the agreement, workers no longer pay recruiters. Some 12,000 people a year go to the U.S. on such visas; last year’s audit found that nine in ten had paid fees of up to $4,000.",
    ),
    (
        "Cyber-trafficking on the rise as borders stay closed, UN says",
        "Recruiters have moved to messaging apps and games since the borders closed, the agency says in a report. It counted 3,400 adverts in four weeks. “The adverts look like any other job,” said one of the authors.",
    ),
    (
        "Three men jailed for forcing asylum seekers to beg in city centre",
        "The three were sentenced to terms of four to nine years. The court heard that each of the victims had to hand over at least 80 euros a day.",
    ),
    (
        "New shelter for male survivors opens in the capital",
        "The shelter has 30 beds, a kitchen run by residents and a legal clinic twice a week.",
    ),
    (
        "Palm oil: labour abuses persist despite pledges, investigation finds",
        "An investigation by three newsrooms over eleven months found debt, withheld pay and injuries from pesticides on 24 estates that sell to well-known brands. Eight of the brands did not answer questions.",
    ),
    (
        "ILF Convention 190 enters into force",
        "The convention is the first international treaty on violence and harassment in the world of work. Eleven countries have ratified it so far.",
    ),
    (
        "Court quashes conviction of teenager who was forced to grow cannabis",
        "The Court of Appeal found that the police had failed to refer the boy, then 16, as a potential victim. He had spent 19 months in custody.",
    ),
    (
        "Fashion brands face questions on cotton",
        "Lawmakers have written to 19 brands to ask where their cotton comes from. They have until the end of the month to reply.",
    ),
    (
        "‘I thought it was a scholarship’: students trapped in night shifts",
        "Forty students who had been promised a course in hotel management worked night shifts in a battery factory instead. Their university says that it cut ties with the agency in spring.",
    ),
    (
        "Government to review visa that ties helpers to one employer",
        "The review will take a year. Groups of helpers say that the rule keeps people with abusive employers, since those who leave have only two weeks to find another one.",
    ),
    (
        "Sex buyers to be fined under bill before parliament",
        "The bill follows the Nordic model. Its critics, among them two groups of sex workers, fear that it will drive people out of sight.",
    ),
    (
        "40.3 million in modern slavery, index says",
        "The index puts the number of people in modern slavery at 40.3 million on any day in 2016. Seven in ten are women and girls.",
    ),
    (
        "Child labour in mica mines: what has changed in five years?",
        "Less than hoped, say the people who went back to the same twelve villages. Schools were built, but wages were not raised; children now work at weekends.",
    ),
)
_MORE_OURS = (
    (
        "Annual General Meeting",
        "Our Annual General Meeting took place on 9 May. We thank Ms. Orla Finch, who leaves the board after eight years, and welcome two new members.",
    ),
    (
        "Student forum: what can schools do?",
        "Over 200 students from 14 schools came together to talk about exploitation online. Their ideas ranged from a play to a podcast, and three of them will be carried out this year.\n\nWe thank the Rotary Club of Port Amber for the hall.",
    ),
    (
        "Research on debt bondage launched",
        "With the University of Tal, we have launched a two-year study on the debts of construction workers. The first findings are expected in spring.",
    ),
    (
        "Volunteer spotlight: Jonas",
        "Jonas has answered our helpline every Thursday night for three years. We asked him what he has learned.",
    ),
)
_MORE_RESOURCES = (
    (
        "Guidance for Banks on Spotting Forced Labour",
        "The guidance lists 22 signs in accounts and payments, with cases from four countries.",
        "Financial Crime Circle",
        "guidance",
    ),
    (
        "Modern Slavery Statements: A Benchmark of 100 Hotels",
        "The benchmark looks at what hotels say in their statements and what they leave out.",
        "Walk On Institute",
        "benchmark",
    ),
    (
        "E-learning for Frontline Staff",
        "A course of 40 minutes for reception, housekeeping and security, free of charge and in nine languages.",
        "International Hotel Circle (IHC)",
        "course",
    ),
)
_PAPERS = (
    "Thom Quill Foundation",
    "South Quay Morning Post",
    "RTNK",
    "AFN",
    "The Guardsman",
    "Norland Free Press",
    "ILF",
    "UN News Desk",
    "Norland Department of Labour",
    "Eco-Business Weekly",
    "Al Bahr",
    "The New Eastmark Times",
    "Channel 7",
    "Phnom Star",
    "Human Work Watch",
    "The Straits Mail (Opinion)",
    "Asia Quarterly",
    "VICE & VIRTUE",
    "Yahoy! News",
    "CBN/Reuben",
    "The Conversationist",
)
_SHOTS = (
    ("Many of the workers had not seen their families for years.", "AFN, via SQMP"),
    ("Boats at the pier of Sai Lan", "SQMP / Felix Orme"),
    ("Minister Hale at a press briefing on Monday", "Norland Government"),
    ("A worker sorts mica", "Nadia Prak/Thom Quill Foundation"),
    ("Domestic workers gather on their day off", "EPA-NB"),
    ("The shelter’s kitchen", "Handout"),
    ("A garment factory outside the capital. Workers say doors are locked at night.", "Reuben"),
)
NEWS = invented._NEWS + unseen._STORIES + _MORE
OURS = invented._OURS + _MORE_OURS
RESOURCES = invented._RESOURCES + _MORE_RESOURCES
SHOTS = invented._CAPTIONS + unseen._SHOTS + _SHOTS
PAPERS = invented._OUTLETS + unseen._PAPERS + _PAPERS

_OPENERS = {
    "ours": ("Highlights of the Month", "Highlight of the Month", "Our News", "What We’ve Been Up To", "From our team"),
    "news": ("News", "In the News", "News Highlights", "Hong Kong", "Asia", "Around the World", "Latest News", "International",
             "Labour", "Supply chains", "Sea and fisheries", "Sexual exploitation"),
    "resources": ("Resources", "Resources for Business", "Reports & Publications", "Further Reading", "Our Pick"),
}  # fmt: skip
_INTROS = (
    "Human trafficking is a growing concern of ferry lines. Here’s our pick of resources for the sector:",
    "Forced labour is increasingly a hot topic in the hotel industry. Here is our pick of resources for hotels to combat it:",
    "Here are some reports that we found useful this month:",
    "For readers who want to know more, we have chosen three publications on recruitment.",
)
_FEET: tuple[list[str], ...] = (
    ["Lantern House, 3 Pier Road, Lowport", "You are receiving this email because you signed up on our website. Unsubscribe"],
    ["Copyright © 2021 Lantern House. All rights reserved.", "Want to change how you receive these emails? You can update your preferences or unsubscribe."],
    ["Follow us on Facebook and Twitter", "www.lanternhouse.example"],
    ["With best wishes,", "The Lantern House team"],
    ["Support our work", "Your gift pays for a bed, a lawyer and a first meal. Every dollar counts.", "Donate now"],
    ["About Lantern House", "Lantern House is a charity that works against human trafficking and for the rights of migrant workers."],
    [],
    [],
)  # fmt: skip


@dataclass
class Hand:
    """How one sender sets a letter."""

    r: random.Random
    medium: str = "text"
    details: str = "labels"
    date_form: str = "d month yyyy"
    access: str = "Access the article here."
    link: str = "none"  # how an address is given
    headline: str = "plain"
    section: str = "plain"
    picture: str = "above"  # where a picture stands: above or below the headline, below the text
    caption: str = "credits"
    blank: int = 1  # blank lines between the parts of an item
    item_gap: int = 1
    section_gap: int = 1
    drift: float = 0.0
    straight: bool = False
    fold: int = 0
    numbered: bool = False
    shown: bool = True  # pictures stand in the file, not only their captions


DATE_FORMS = (
    "d month yyyy",
    "d month yyyy",
    "d month yyyy",
    "month d, yyyy",
    "dd mon yyyy",
    "dth month yyyy",
    "d month yy",
    "weekday",
    "dd/mm/yyyy",
    "d Mon. yyyy",
    "d-Mon-yyyy",
    "dd.mm.yyyy",
)


def hand(seed: int) -> Hand:
    r = random.Random(seed)
    h = Hand(r)
    h.medium = r.choice(
        ("text", "text", "text", "p", "p", "div", "br", "tables", "mailchimp", "headed", "md")
    )
    h.details = r.choice(
        (
            "labels", "labels", "labels", "labels-one-line", "labels-swapped", "labels-tight",
            "source, date", "source, date", "date | source", "source | date", "(source, date)",
            "source (date)", "date then source", "date – source", "in headline", "date only", "end of text",
        )
    )  # fmt: skip
    h.date_form = r.choice(DATE_FORMS)
    h.access = r.choice(
        (
            "Access the article here.", "Access the article here.", "Read more", "Click here to access the article.",
            "Read the full article here.", "Read more here.", "Full story", "Click here to read more.", "Read the article",
            "Read on…", "Link to article", "More >>", "LEARN MORE", "Read full article", "[Read more]",
        )
    )  # fmt: skip
    page = h.medium not in ("text", "md")
    h.link = r.choice(("words", "words", "words", "headline", "here", "inline")) if page else (
        r.choice(("none", "none", "after", "angled", "alone", "bracket", "footnote")) if h.medium == "text" else "words"
    )  # fmt: skip
    if h.details == "in headline" and h.link == "headline":
        h.link = "words"
    h.headline = {
        "text": r.choice(("plain", "plain", "plain", "caps", "starred", "numbered")),
        "md": r.choice(("##", "###", "bold")),
    }.get(h.medium, r.choice(("bold", "bold", "size", "heading", "bold-colour")))
    if h.medium == "headed":
        h.headline = "heading"
    if h.medium == "br" and r.random() < 0.3:
        h.headline = "plain"
    h.section = {
        "text": r.choice(("plain", "plain", "caps", "underlined", "starred", "none", "colon")),
        "md": r.choice(("#", "##")),
    }.get(h.medium, r.choice(("heading", "bold", "size", "bar", "caps", "none")))
    if h.headline == "caps" and h.section == "caps":
        h.section = "underlined"
    h.picture = r.choice(("above", "above", "below", "after", "below-details"))
    h.caption = r.choice(
        (
            "credits", "credits", "photo", "photo-only", "bracket", "italic", "caption-only", "none", "none", "courtesy", "credit-line", "slash",
        )
    )  # fmt: skip
    h.drift = r.choice((0.0, 0.0, 0.08, 0.2))
    h.straight = r.random() < 0.3
    h.numbered = h.headline == "numbered"
    if h.medium == "text":
        h.blank = r.choice((1, 1, 1, 1, 0, 2))
        h.item_gap = max(1, h.blank) + r.choice((0, 0, 1, 2))
        h.section_gap = h.item_gap + r.choice((0, 1, 2))
        h.fold = r.choice((0, 0, 0, 72, 66))
        h.shown = False
    return h


@dataclass
class Block:
    """A line or paragraph as its author thinks of it."""

    kind: str
    text: str = ""
    url: str = ""
    gap: int = 1
    words: str = ""  # the part of the text that is the link; all of it where empty
    more: list[tuple[str, str]] = field(default_factory=list)


def day_words(h: Hand, item: News) -> str:
    d = item.day
    assert d is not None
    name = _MONTHS[d.month - 1]
    if item.precision == "year":
        return str(d.year)
    if item.precision == "month":
        return f"{name} {d.year}"
    th = "th" if 10 < d.day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(d.day % 10, "th")
    return {
        "d month yyyy": f"{d.day} {name} {d.year}",
        "month d, yyyy": f"{name} {d.day}, {d.year}",
        "dd mon yyyy": f"{d.day:02} {name[:3]} {d.year}",
        "dth month yyyy": f"{d.day}{th} {name} {d.year}",
        "d month yy": f"{d.day} {name} {d.year % 100:02}",
        "weekday": f"{d:%A}, {d.day} {name} {d.year}",
        "dd/mm/yyyy": f"{d:%d/%m/%Y}",
        "d Mon. yyyy": f"{d.day} {name[:3]}. {d.year}" if name != "May" else f"{d.day} May {d.year}",
        "d-Mon-yyyy": f"{d.day}-{name[:3]}-{d.year}",
        "dd.mm.yyyy": f"{d:%d.%m.%Y}",
    }[h.date_form]  # fmt: skip


def details_rows(h: Hand, item: News) -> list[str]:
    day = day_words(h, item) if item.day else ""
    source, style, r = item.source, h.details, h.r
    if style.startswith("labels"):
        colon = ":" if style == "labels-tight" or r.random() < h.drift else ": "
        rows = [f"Date{colon}{day}"] * bool(day) + [f"Source{colon}{source}"] * bool(source)
        if style == "labels-swapped" or (h.drift and r.random() < h.drift):
            rows.reverse()
        if style == "labels-one-line" and len(rows) == 2:
            rows = [" | ".join(rows)] if h.straight else ["  ".join(rows)]
        return rows
    if not (day and source):
        return [day or source] if day or source else []
    return {
        "source, date": [f"{source}, {day}"],
        "date | source": [f"{day} | {source}"],
        "source | date": [f"{source} | {day}"],
        "(source, date)": [f"({source}, {day})"],
        "source (date)": [f"{source} ({day})"],
        "date then source": [day, source],
        "date – source": [f"{day} – {source}"],
        "in headline": [],
        "end of text": [],
        "date only": [day],
    }[style]


def caption_row(h: Hand, item: News) -> tuple[str, str, str]:
    """The row under a picture, with the caption and the credit that it says."""
    said, by = item.caption, item.credit
    dotted = said if said.endswith(".") else said + "."
    return {
        "credits": (f"{dotted} Image credits: {by}", said, by),
        "photo": (f"{dotted} Photo: {by}", said, by),
        "photo-only": (f"Photo: {by}", "", by),
        "bracket": (f"{said.rstrip('.')} (Photo: {by})", said, by),
        "italic": (f"{said.rstrip('.')} | Photo by {by}", said, by),
        "caption-only": (said, said, ""),
        "courtesy": (f"{dotted} Photo courtesy of {by}", said, by),
        "credit-line": (f"{dotted} Credit: {by}", said, by),
        "slash": (f"{said.rstrip('.')}. Picture: {by}", said, by),
    }[h.caption]


def item_blocks(h: Hand, item: News, number: int) -> tuple[list[Block], News]:
    """The blocks of an item, and the item as its label should be."""
    r = h.r
    wobble = h.drift and r.random() < h.drift
    if wobble and item.kind == "article":
        what = r.choice(("date", "source", "link", "paragraphs", "caption"))
        if what == "date" and h.details.startswith("labels"):
            item = replace(item, day=None)
        elif what == "source" and h.details.startswith("labels"):
            item = replace(item, source="")
        elif what == "paragraphs":
            item = replace(item, summary=item.summary.replace(". ", ".\n\n", 1))
    if item.kind == "highlight":
        item = replace(item, day=None, source="")
    if h.details == "date only":
        item = replace(item, source="")
    head = item.headline
    if h.headline == "caps":
        head = head.upper()
        item = replace(item, headline=head)
    if h.details == "in headline" and item.day and item.source:
        head = f"{head} ({item.source}, {day_words(h, item)})"
    if h.numbered:
        head = f"{number}. {head}"
    blocks = [Block("headline", head, item.url if h.link == "headline" else "", gap=h.item_gap)]
    rows = details_rows(h, item)
    # a page or a letter whose rows of details stand together
    for n, row in enumerate(rows):
        blocks.append(Block("detail", row, gap=(h.blank if n == 0 else 0)))
    shot: list[Block] = []
    if item.caption and h.caption != "none" and (h.shown or h.caption != "caption-only"):
        row, said, by = caption_row(h, item)
        if h.shown:
            shot.append(
                Block(
                    "picture",
                    url=f"https://img.example/{len(item.caption) * 7 + len(item.headline)}.jpg",
                )
            )
        shot.append(Block("caption", row))
        item = replace(item, caption=said, credit=by)
    else:
        item = replace(item, caption="", credit="")
    paragraphs = item.summary.split("\n\n")
    text = [Block("para", words, gap=h.blank) for words in paragraphs]
    if h.details == "end of text" and item.day and item.source:
        text[-1].text += f" ({item.source}, {day_words(h, item)})"
    links: list[Block] = []
    if item.extra and h.link != "headline":
        for n, (words, url) in enumerate(item.extra):
            links.append(Block("access", words, url, gap=h.blank if n == 0 else 0))
    elif item.extra:
        item = replace(item, extra=())
    elif item.kind == "highlight" or h.link == "headline":
        pass
    else:
        words = item.words
        if h.link == "inline" and h.medium != "text":
            # "Read more" at the end of the last paragraph
            text[-1].more.append((words, item.url))
        else:
            links.append(Block("access", words, item.url, gap=h.blank))
    if h.link == "none":
        item = replace(item, url="", extra=tuple((w, "") for w, _ in item.extra))
    where = h.picture
    if where == "above" or (where == "below-details" and not rows):
        body = shot + blocks + text + links
    elif where == "below":
        body = blocks[:1] + shot + blocks[1:] + text + links
    elif where == "below-details":
        body = blocks + shot + text + links
    else:
        body = blocks + text + shot + links
    body[0].gap = h.item_gap
    if body[0].kind in ("picture", "caption"):
        blocks[0].gap = h.blank
    if item.kind == "highlight":
        item = replace(item, url="", words="")
    if h.link == "headline":
        item = replace(item, words="")
    return body, item


def blocks_of(h: Hand, seed: int) -> tuple[list[Block], list[Group], str, str]:
    """A letter's blocks, its labelled groups, its month and its title."""
    r = h.r
    year, month = r.randint(2013, 2024), r.randint(1, 12)
    value, title = f"{year}-{month:02}", f"{_MONTHS[month - 1]} {year}"
    masthead = r.choice(("month", "month", "org+month", "org", "line"))
    blocks: list[Block] = []
    if masthead == "org+month":
        blocks += [Block("org", "Lantern House"), Block("title", title)]
    elif masthead == "line":
        title = f"Lantern House Newsletter – {title}"
        blocks.append(Block("title", title))
    elif masthead == "org":
        title = f"Lantern House News | {title}"
        blocks.append(Block("title", title))
    else:
        blocks.append(Block("title", title))
    if r.random() < 0.25:
        blocks += [
            Block("para", "Dear friends,"),
            Block("para", "It has been a busy month for all of us. Below you will find what we did and what we read. Thank you for your support."),
        ]  # fmt: skip
    stories = r.sample(NEWS, 12)
    groups: list[Group] = []

    def news(count: int) -> list[News]:
        made = []
        for headline, summary in (stories.pop() for _ in range(count)):
            source = r.choice(PAPERS)
            caption, credit = r.choice(SHOTS) if r.random() < 0.4 else ("", "")
            day = date(year, month, 1) + timedelta(days=r.randint(-4, 27))
            made.append(
                News(
                    headline,
                    summary,
                    source,
                    day,
                    url=f"https://www.{invented._slug(source).replace('-', '')}.example/{year}/{invented._slug(headline)}",
                    words=h.access,
                    caption=caption,
                    credit=credit,
                )
            )
        return made

    parts: list[tuple[str, str, list[News]]] = []
    if r.random() < 0.7:
        ours = []
        for headline, summary in r.sample(OURS, r.randint(1, 3)):
            extra: tuple[tuple[str, str], ...] = ()
            if "Report" in headline or r.random() < 0.2:
                extra = (
                    ("Access the report here.", "https://lanternhouse.example/report"),
                    ("Access the city’s response here.", "https://city.example/response"),
                )[: r.randint(1, 2)]
            caption, credit = r.choice(SHOTS) if r.random() < 0.3 else ("", "")
            ours.append(
                News(
                    headline, summary, extra=extra, kind="highlight", caption=caption, credit=credit
                )
            )
        parts.append((r.choice(_OPENERS["ours"]), "", ours))
    if r.random() < 0.5:
        chosen = r.sample(_OPENERS["news"], r.randint(2, 3))
        parts += [(heading, "", news(r.randint(1, 3))) for heading in chosen]
    else:
        parts.append((r.choice(_OPENERS["news"][:3]), "", news(r.randint(3, 6))))
    if r.random() < 0.6:
        made = []
        for headline, summary, source, what in r.sample(RESOURCES, r.randint(2, 4)):
            made.append(
                News(
                    headline, summary, source, date(year, month, 1), precision=r.choice(("year", "month")),
                    url=f"https://{invented._slug(source).replace('-', '')}.example/{invented._slug(headline)}",
                    words=h.access if h.access in ("Read more", "LEARN MORE") else f"Access the {what} here.",
                    kind="resource",
                )
            )  # fmt: skip
        intro = r.choice(_INTROS) if r.random() < 0.6 else ""
        parts.append((r.choice(_OPENERS["resources"]), intro, made))
    number = 0
    for heading, intro, items in parts:
        shown = h.section != "none" or (heading in _OPENERS["ours"] and r.random() < 0.8)
        if intro and h.section in ("none", "plain"):
            shown = False
        if shown:
            label = f"{heading}:" if h.section == "colon" else heading
            blocks.append(Block("section", label, gap=h.section_gap))
        if intro:
            blocks.append(Block("para", intro, gap=h.section_gap if not shown else h.blank))
        labelled = []
        for item in items:
            number += 1
            body, label_ = item_blocks(h, item, number)
            blocks += body
            labelled.append(label_)
        groups.append(Group(heading if shown else "", tuple(labelled)))
    for words in r.choice(_FEET):
        blocks.append(Block("foot", words))
    if h.straight:
        blocks = [replace(b, text=_straight(b.text), words=_straight(b.words)) for b in blocks]
    return blocks, groups, value, title


def _straight(words: str) -> str:
    for curly, plain in (("‘", "'"), ("’", "'"), ("“", '"'), ("”", '"')):
        words = words.replace(curly, plain)
    return words


# -- as text ---------------------------------------------------------------------------------------------


def as_text(h: Hand, blocks: list[Block]) -> str:
    rows: list[str] = []
    notes: list[str] = []
    for block in blocks:
        words = block.text
        if block.kind == "title" and h.headline == "starred":
            words = f"*** {words} ***"
        if block.kind == "headline" and h.headline == "starred":
            words = f"*{words}*"
        if block.kind == "section":
            words = {"caps": words.upper(), "starred": f"** {words} **"}.get(h.section, words)
        if block.kind == "access" and h.link != "none":
            if h.link == "footnote":
                notes.append(block.url)
                words = f"{words} [{len(notes)}]"
            else:
                words = {
                    "after": f"{words.rstrip('.')}: {block.url}",
                    "angled": f"{words} <{block.url}>",
                    "bracket": f"{words} [{block.url}]",
                    "alone": block.url,
                }[h.link]
        gap = block.gap
        if h.drift and h.r.random() < h.drift / 2:
            gap = max(0, gap + h.r.choice((-1, 1, 2))) if gap else gap
            gap = max(gap, 1) if block.kind in ("headline", "section", "caption") else gap
        if block.kind in ("section", "headline", "title", "org", "foot", "caption"):
            gap = max(gap, 1)
        rows += [""] * (gap if rows else 0)
        if h.fold and len(words) > h.fold and block.kind != "access":
            rows += textwrap.wrap(words, h.fold, break_long_words=False, break_on_hyphens=False)
        else:
            rows.append(words)
        if block.kind == "section" and h.section == "underlined":
            rows.append("-" * len(words))
    if notes:
        rows += ["", *(f"[{n}] {url}" for n, url in enumerate(notes, start=1))]
    return "\n".join(rows) + "\n"


# -- as a page -------------------------------------------------------------------------------------------


def _linked(block: Block, h: Hand) -> str:
    if block.kind == "access" and h.link == "here" and "here" in block.text:
        before, _, after = block.text.partition("here")
        return f'{escape(before)}<a href="{escape(block.url)}">here</a>{escape(after)}'
    if block.url and block.kind in ("access", "headline"):
        return f'<a href="{escape(block.url)}">{escape(block.text)}</a>'
    made = escape(block.text)
    for words, url in block.more:
        made += f' <a href="{escape(url)}">{escape(words)}</a>'
    return made


def _inline(block: Block, h: Hand) -> str:
    """The block's words with the weight that its author gave them."""
    made = _linked(block, h)
    if block.kind == "headline":
        return {
            "bold": f"<strong>{made}</strong>",
            "size": f'<span style="font-size:20px">{made}</span>',
            "bold-colour": f'<b><span style="color:#235">{made}</span></b>',
            "plain": made,
        }.get(h.headline, made)
    if block.kind == "section":
        return {
            "bold": f'<strong><span style="font-size:22px">{made}</span></strong>',
            "size": f'<span style="font-size:26px">{made}</span>',
            "caps": f"<strong>{made.upper()}</strong>",
        }.get(h.section, made)
    if block.kind == "caption":
        return (
            f'<em style="font-size:11px">{made}</em>'
            if h.straight
            else f'<span style="font-size:11px">{made}</span>'
        )
    if block.kind in ("title", "org"):
        return f'<span style="font-size:30px"><b>{made}</b></span>'
    if block.kind == "foot":
        return f'<span style="font-size:11px">{made}</span>'
    return made


def _tagged(block: Block, h: Hand, tag: str) -> str:
    if block.kind == "picture":
        return f'<{tag}><img src="{block.url}" width="480" alt=""></{tag}>'
    if block.kind == "headline" and h.headline == "heading":
        return f"<h3>{_linked(block, h)}</h3>"
    if block.kind == "section" and h.section == "heading":
        return f"<h2>{escape(block.text)}</h2>"
    if block.kind == "section" and h.section == "bar":
        return f'<div style="background-color:#1a4e6e;color:#ffffff;padding:6px">{escape(block.text)}</div>'
    if block.kind == "title" and h.headline == "heading":
        return f"<h1>{escape(block.text)}</h1>"
    return f"<{tag}>{_inline(block, h)}</{tag}>"


def _grouped(blocks: list[Block]) -> list[list[Block]]:
    """Blocks that stand together in one paragraph: rows of details, link sentences."""
    out: list[list[Block]] = []
    for block in blocks:
        if out and block.gap == 0 and block.kind in ("detail", "access"):
            out[-1].append(block)
        else:
            out.append([block])
    return out


def as_page(h: Hand, blocks: list[Block], title: str) -> str:
    rows: list[str] = []
    if h.medium == "br":
        for block in blocks:
            rows += ["<br>\n"] * (min(block.gap, 2) if rows else 0)
            rows.append(
                f'<img src="{block.url}" width="480" alt="">'
                if block.kind == "picture"
                else _inline(block, h)
            )
            rows.append("<br>\n")
        body = f'<div style="font-size:14px">{"".join(rows)}</div>'
    else:
        for group in _grouped(blocks):
            first = group[0]
            tag = "div" if h.medium == "div" else "p"
            if len(group) > 1:
                rows.append(f"<{tag}>{'<br>'.join(_inline(b, h) for b in group)}</{tag}>")
            else:
                rows.append(_tagged(first, h, tag))
            if h.medium == "div" and first.kind != "picture":
                rows.append("<div><br></div>")
        if h.medium in ("tables", "mailchimp"):
            name = ' class="mcnTextContent"' if h.medium == "mailchimp" else ""
            rows = [
                f'<table width="100%"><tbody><tr><td{name} style="font-size:14px">{row}</td></tr></tbody></table>'
                for row in rows
            ]
        body = "\n".join(rows)
        if h.medium != "headed":
            body = f'<div style="font-size:14px">{body}</div>'
    return f"<!DOCTYPE html><html><head><title>{escape(title)}</title></head><body>{body}</body></html>"


def as_markdown(h: Hand, blocks: list[Block]) -> str:
    rows: list[str] = []
    for block in blocks:
        words = block.text
        if block.kind == "picture":
            words = f"![]({block.url})"
        elif block.kind == "access":
            words = f"[{words}]({block.url})"
        elif block.kind == "headline":
            words = f"**{words}**" if h.headline == "bold" else f"### {words}"
        elif block.kind == "section":
            words = f"## {words}"
        elif block.kind == "title":
            words = f"# {words}"
        elif block.kind == "caption":
            words = f"*{words}*"
        for more, url in block.more:
            words += f" [{more}]({url})"
        rows += ["", words] if block.gap or block.kind not in ("detail", "access") else [words]
    return "\n".join(rows).strip() + "\n"


def letter(seed: int) -> Letter:
    """The letter of one hand."""
    h = hand(seed)
    blocks, groups, month, title = blocks_of(h, seed)
    if h.medium == "text":
        name, text = "txt", as_text(h, blocks)
    elif h.medium == "md":
        name, text = "md", as_markdown(h, blocks)
    else:
        name, text = "html", as_page(h, blocks, title)
    return Letter(f"hand-{seed}.{name}", text.encode(), f"{h.medium}", groups, month, (title,))


def letters(count: int) -> list[Letter]:
    return [letter(seed) for seed in range(count)]

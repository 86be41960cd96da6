"""What single lines say by their form: labels, dates, sources, link words, credits, small print."""

# ruff: noqa: E501 -- long patterns read worse when they are cut

from __future__ import annotations

import re
from dataclasses import dataclass

from broadsheet.wire import dates
from broadsheet.wire.dates import When

_DATE_WORDS = (
    r"date|dated|when|published(?: on)?|publication date|date published|posted(?: on)?|"
    r"date of publication|issued|日期|發佈日期|發布日期|刊登日期"
)
_SOURCE_WORDS = (
    r"source|sources|publisher|published by|outlet|newspaper|publication|news source|organi[sz]ation|"
    r"media|medium|來源|資料來源|出處|媒體"
)
_LABEL = re.compile(
    rf"^\s*[(（\[]?(?:(?P<date>{_DATE_WORDS})|(?P<source>{_SOURCE_WORDS})|(?P<author>author|authors|written by|記者|作者)|"
    r"(?P<link>link|url|web ?link|website|連結|網址))\s*[:：]\s*(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_NEXT_LABEL = re.compile(
    rf"(?:^|[\s|;,/•·–—；，、(（\[-]+)(?:(?P<date>{_DATE_WORDS})|(?P<source>{_SOURCE_WORDS})|(?P<author>authors?|written by|作者)|"
    r"(?P<link>link|url|web ?link|連結|網址))\s*[:：]\s*",
    re.IGNORECASE,
)

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
MONTH = _MONTH
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
DATE = (
    rf"(?:{_WEEKDAY}{_DAY}[\s.-]*(?:of\s+)?{_MONTH}[\s,.-]*(?:\d{{4}}|['’]?\d\d(?!,?\s*\d{{4}}))\b|"
    rf"{_WEEKDAY}{_MONTH}\s*{_DAY},?\s+\d{{4}}\b|"
    rf"{_MONTH}[\s,]*\d{{4}}\b|"
    r"\b\d{4}-\d\d-\d\d\b|\b\d{4}[./]\d{1,2}[./]\d{1,2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{4}\b|"
    r"\d{4}\s*年(?:\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*[日號号])?)?)"
)
_DATE_ANYWHERE = re.compile(DATE, re.IGNORECASE)
_YEAR = r"(?:19|20)\d\d"
_BETWEEN = r"\s*[|,;:/•·–—，、；：-]\s*"

_ACCESS = re.compile(
    r"^\W*(?:access|click|tap|read|learn|download|view|see|watch|listen|find out|full (?:story|article|text|report)|"
    r"more (?:here|info|information|details)|more\W*$|continue|visit|open|get|register|sign up|rsvp|join|link|here\W*$|"
    r"details|go to|check out|for more|to (?:read|access|learn|view|download|find|register|watch|see)|"
    r"the (?:full )?(?:article|report|story)|article\W*$|original article|please click|"
    r"按此|點擊|请点击|請點擊|請按|閱讀|详情|詳情|瀏覽|下載|全文|原文|查看|了解更多)",
    re.IGNORECASE,
)
_ACCESS_INSIDE = re.compile(
    r"\b(?:here|read more|full (?:story|article|report|text)|click|more info|learn more|find out more|"
    r"read on|continue reading|this link|the link|website|webpage)\b|按此|此處|這裡|這裏|全文|詳情",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"(?P<label>\b(?:(?:image|photo(?:graph)?|picture|pic|illustration|graphic|cover|foto|video)s?\s+"
    r"(?:credits?|sources?|courtesy(?: of)?|copyright|by|via|from)|credits?|courtesy of|"
    r"(?:photo(?:graph)?|image|picture|pic|illustration|graphic|file photo|file picture)s?(?=\s*[:：/])|"
    r"photographer|圖片來源|相片來源|圖片提供|圖片|圖|攝影|相片)\s*[:：/–—-]?\s*|©\s*)",
    re.IGNORECASE,
)
_CREDIT_IN_BRACKETS = re.compile(
    r"[(（\[]\s*(?P<credit>(?:(?:photo|image|picture|credit|photograph|source|courtesy)[^()（）]{0,80}|"
    r"[^()（）]{0,40}\b(?:AFP|AP|Reuters|EPA|Getty(?: Images)?|Xinhua|Shutterstock|iStock|Unsplash|Pixabay|"
    r"Alamy|Flickr|Handout|Bloomberg|Wikimedia(?: Commons)?)\b[^()（）]{0,40}|"
    r"[^()（）]{2,60}\b(?:photos?|pictures?|image)))[)）\]]\s*\.?\s*$",
    re.IGNORECASE,
)
_SMALL_PRINT = re.compile(
    r"^\S+ mailing list$|\bregistered (?:charity|office|company)\b|\bcharity (?:no\b|number|reg)|unsubscribe|opt[- ]out|removed? (?:me )?from (?:this|our|the) (?:mailing )?list|view (?:this|the)?\s*(?:email|e-mail|newsletter|message|it|in)[\w\s]*(?:browser|online|web)|"
    r"view in (?:your )?browser|"
    r"read (?:this|the|our)\s[\w\s]{0,20}\b(?:on the web|online|in (?:your |a )?browser)|no longer wish to receive|update (?:your )?(?:subscription )?preferences|"
    r"manage (?:your )?(?:subscription|preferences)|you (?:are|were) receiv(?:ing|ed) this|"
    r"you received this (?:e-?mail|newsletter|message)|all rights reserved|^\W*(?:copyright|©)|"
    r"(?:receive|join|subscribe to|sign up (?:for|to)) our (?:newsletter|mailing list|e-?news|updates)|"
    r"forward (?:this|to a friend)|subscribe to (?:our|this|the)|sign up (?:for|to) (?:our|this|the) newsletter|"
    r"follow us|like us on|find us on|connect with us|share (?:this|on)|tweet this|our mailing address|"
    r"was sent to|why did i get this|add us to your address book|powered by|sent (?:by|with) mailchimp|"
    r"having trouble (?:viewing|reading)|having problems viewing|trouble viewing this|"
    r"privacy policy|terms of (?:use|service)|cookie|you can update your preferences|email preferences|"
    r"取消訂閱|退訂|訂閱電子報|版權所有|在瀏覽器",
    re.IGNORECASE,
)
_SMALL_LINKS = re.compile(
    r"\W*(?:(?:facebook|twitter|instagram|linkedin|youtube|website|e-?mail|share|tweet|forward|print|"
    r"like|pinterest|whatsapp|telegram|x|rss|home|about us?|contact us?|past issues|"
    r"translate|(?:subscribe|donate|give|share)(?: (?:now|today|here|online))?|previous|next|back to top|skip to content|menu|search|privacy|reply|edit|log in|"
    r"leave a (?:reply|comment)|comments?(?: are closed)?|top|(?:on|via|to a friend|this(?: e-?mail| post| page)?)(?=\W|$))"
    r"(?:\W+|$))+|\W*↑\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Label:
    """What a line of details says: "Date: 21 June 2019", "Source: The Example Post"."""

    date: str = ""
    source: str = ""
    author: str = ""
    link: str = ""


def label(text: str) -> Label | None:
    """The details of a line that begins with a label; several may stand in one line."""
    if not _LABEL.match(text):
        return None
    found: dict[str, str] = {}
    marks = list(_NEXT_LABEL.finditer(text))
    if not marks or marks[0].start() > 2:
        marks.insert(0, _LABEL.match(text))  # type: ignore[arg-type]
    for number, mark in enumerate(marks):
        key = mark.lastgroup if mark.lastgroup != "rest" else _which(mark)
        end = marks[number + 1].start() if number + 1 < len(marks) else len(text)
        start = mark.start("rest") if "rest" in mark.groupdict() else mark.end()
        value = text[start:end].strip(" \t\n|;,/•·–—-；，、")
        if text[:1] in "(（[" and value[-1:] in ")）]" and not re.search(r"[(（\[]", value):
            value = value[:-1].rstrip()
        found.setdefault(str(key), value)
    return Label(**found)


def _which(match: re.Match[str]) -> str:
    return next(name for name in ("date", "source", "author", "link") if match[name] is not None)


def is_address(text: str) -> bool:
    """Whether a line is nothing but an address."""
    return bool(re.fullmatch(r"[<(\[]?\s*(?:https?://|www\.)\S+\s*[>)\]]?", text.strip()))


def is_address_label(text: str) -> bool:
    """Whether a line is what stood before an address: "URL", "Link"."""
    return bool(re.fullmatch(r"(?i)\W*(?:web ?)?(?:link|url|連結|網址)\W*", text))


_TIME = re.compile(
    r",?\s+(?:at\s+|from\s+)?\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm|hrs?)"
    r"(?:\s*(?:-|–|to)\s*\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm|hrs?))?$",
    re.IGNORECASE,
)


def date(text: str) -> When | None:
    """The date that a string is, without brackets and closing points; None where it is more than that."""
    inner = text.strip().strip("()[]（）【】 .,;|–—-")
    inner = re.sub(_TIME, "", inner)
    inner = re.sub(r"^(?:on|posted|published|updated|dated)\s+", "", inner, flags=re.IGNORECASE)
    inner = re.sub(
        r"\s+(?:at\s+)?\d{1,2}[:.]\d\d\s*(?:am|pm|hrs?|[A-Z]{3,4})?$",
        "",
        inner,
        flags=re.IGNORECASE,
    )
    found = dates.typed(inner, basis="typed")
    if found is None or not 1900 <= int(found.value[:4]) <= 2100:
        return None
    return When(found.value, found.precision, found.offset, "typed", text.strip())


@dataclass(frozen=True, slots=True)
class Details:
    """Source and date as they stand together without labels, and where they stand in the line."""

    source: str
    date: When | None
    start: int
    end: int


_SOURCE_FORM = r"[^\n|;!?。]{2,80}?"
_TOGETHER = (
    # (Source, 21 June 2019) or Source (21 June 2019) or Source | 21 June 2019 or Source, June 2019
    re.compile(
        rf"(?P<open>[(（\[【])?\s*(?P<source>{_SOURCE_FORM})(?:{_BETWEEN}|\s+)[(（\[]?(?P<date>{DATE})\s*[)）\]】]{{0,2}}\s*\.?$",
        re.IGNORECASE,
    ),
    # 21 June 2019 | Source
    re.compile(
        rf"(?P<open>[(（\[【])?\s*(?P<date>{DATE})\s*[)）\]]?(?:{_BETWEEN}|\s+)[(（\[]?(?P<source>{_SOURCE_FORM})\s*[)）\]】]{{0,2}}\.?$",
        re.IGNORECASE,
    ),
)


def details(text: str) -> Details | None:
    """Source and date of a line that is nothing else: "The Example Post, 21 June 2019".

    A date alone counts; a source alone cannot be told from other words, so it does not.
    """
    text = text.strip()
    if not text or len(text) > 160:
        return None
    alone = date(text)
    if alone and alone.precision != "year":
        return Details("", alone, 0, len(text))
    for pattern in _TOGETHER:
        match = pattern.fullmatch(text)
        if match:
            when = date(match["date"])
            source = tidy_source(match["source"])
            if when and _is_source(source) and not _SENTENCE_END.search(source):
                return Details(source, when, 0, len(text))
    return None


# "wages. (The Example Post": the end of a sentence and a bracket that was not closed
_SENTENCE_END = re.compile(r"\b[a-z]{3,}[.!?]['’”\"]?\s|[(（\[][^)）\]]*$")


def source_with_year(text: str) -> Details | None:
    """A source with a bare year behind it, as after a label: "Lowport Harbour Council, 2019"."""
    match = re.fullmatch(
        rf"(?P<source>.{{2,80}}?)\s*[,|(（–—-]\s*(?P<year>{_YEAR})\s*[)）]?\.?", text.strip()
    )
    when = date(match["year"]) if match else None
    return Details(tidy_source(match["source"]), when, 0, len(text)) if match and when else None


def details_at_end(text: str) -> Details | None:
    """Source and date at the end of a longer line: "Banks help survivors (The Example, 3 May 2019)".

    In brackets, or after a dash or bar; what stands before must be longer than a source.
    """
    match = re.search(
        rf"\s*[(（\[](?P<inside>(?:[^()（）\[\]]|\([^()]*\))*?(?:{DATE}|\b{_YEAR}\b)[^()（）\[\]]*)[)）\]]\s*\.?\s*$",
        text,
        re.IGNORECASE,
    )
    if match:
        found = details(match["inside"]) or source_with_year(match["inside"])
        if found or re.fullmatch(_YEAR, match["inside"].strip()):
            when = found.date if found else date(match["inside"])
            source = found.source if found else ""
            start = match.start()
            if not source:
                before = re.search(r"\s+[–—|-]\s+([^–—|]{2,60})$", text[: match.start()])
                if before and _is_source(tidy_source(before[1])):
                    source, start = tidy_source(before[1]), before.start()
            return Details(source, when, start, len(text))
    sentence = list(re.finditer(r"[.!?。！？…]['’”\"）)」]?\s+(?=[^\W\d_]|\d)|[。！？]", text))
    for end in reversed(sentence[-3:]):
        found = details(text[end.end() :])
        if found and found.source and end.start() > 12:
            return Details(found.source, found.date, end.end(), len(text))
    for dash in reversed(list(re.finditer(r"\s+[–—|]\s+|\s+-\s+|\s*\|\s*|\s*•\s*", text))):
        found = details(text[dash.end() :])
        if found and dash.start() > 12:
            start = dash.start()
            if not found.source:
                before = re.search(r"(?:\s+[–—|-]\s+|\s*\|\s*|,\s+)([^–—|,]{2,60})$", text[:start])
                if before and _is_source(tidy_source(before[1])) and before.start() > 12:
                    return Details(tidy_source(before[1]), found.date, before.start(), len(text))
            return Details(found.source, found.date, start, len(text))
    return None


def source_at_end(text: str) -> tuple[str, int] | None:
    """A source alone in brackets at the end of a line, and where the bracket begins."""
    match = re.search(
        r"\s*[(（\[](?:source\s*[:：]\s*)?(?P<source>[^()（）\[\]\d]{2,60})[)）\]]\s*\.?\s*$",
        text,
        re.IGNORECASE,
    )
    if match and _is_source(tidy_source(match["source"])):
        return tidy_source(match["source"]), match.start()
    return None


def tidy_source(text: str) -> str:
    text = re.sub(
        r"^(?:source|by|from|via|in|来源|來源)\s*[:：]?\s+", "", text.strip(), flags=re.IGNORECASE
    )
    text = text.strip(" \t.,;:|–—-")
    for one, other in ("()", "[]", "（）"):
        if text.count(one) != text.count(other):
            text = text.strip(one + other)
    if text[:1] in "([（" and text[-1:] in ")]）":
        text = text[1:-1]
    return text.strip(" \t.,;:|–—-")


_NO_SOURCE = re.compile(
    r"(?:issue|vol(?:ume)?|no|number|nr|edition)\b\.?\s*#?\d|#\d|(?:the )?week (?:of|from|ending)\b|"
    r"(?:published|posted|updated|period|month|covering|coverage|reporting period)\b(?=\s*(?:of\b|[:：]|$))|(?:published|posted|updated)\b|(?:newsletter|bulletin|digest|issue|edition|winter|spring|summer|autumn)$|"
    r"\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm|hrs?|h)?\b|(?:from|until|till|to|by|deadline|every)\b",
    re.IGNORECASE,
)


def _is_source(text: str) -> bool:
    """Whether words can be an outlet's name: few, beginning with a capital, a figure or no Latin letter."""
    words = text.split()
    if not words or len(words) > 9 or len(text) > 80 or not re.search(r"[^\W\d_]{2}", text):
        return False
    if re.fullmatch(rf"{_DAY}|{_MONTH}|{_WEEKDAY}{_DAY}", text, re.IGNORECASE):
        return False
    if _NO_SOURCE.match(text):
        return False
    if _ACCESS.match(text) and not text[0].isupper():
        return False
    small = [w for w in words if w[:1].islower() and w.lower() not in _SMALL]
    return not (text[0].islower() and "." not in words[0]) and len(small) <= max(1, len(words) // 3)


_SMALL = frozenset(
    """of the and for in on de la le du des der die das van von y e et al to a an with at""".split()  # noqa: SIM905
)


def is_access(text: str, linked: bool = False) -> bool:
    """Whether a line is link words: "Access the article here.", "Read more »".

    Longer lines are only taken where they are linked or say "here"; a sentence that merely begins
    with "See" is none.
    """
    words = text.split()
    if not words or len(words) > 22:
        return False
    if not _ACCESS.match(text):
        return linked and len(words) <= 12 and bool(_ACCESS_INSIDE.search(text))
    if len(words) <= 4 and re.match(
        r"(?i)^\W*(?:read more|learn more|more|full|click|link|here|continue|details|download|view)",
        text,
    ):
        return True
    return bool(_ACCESS_INSIDE.search(text)) or linked


@dataclass(frozen=True, slots=True)
class Credit:
    """A caption and whom the picture is from."""

    caption: str
    credit: str


def credit(text: str, *, beside_picture: bool = False) -> Credit | None:
    """Caption and credit of a line such as "Nets at the pier. Image credits: AFP, via SCMP".

    A line without a label is only taken where it stands beside a picture and ends in a bracket
    with an agency's name.
    """
    if len(text) > 600:
        return None
    match = None
    for found in _CREDIT.finditer(text):
        before = text[: found.start()].rstrip()
        if (
            not before
            or before[-1] in '.!?)(（[|–—-:\n,;。” "”/'
            or beside_picture
            or found["label"][:1].isupper()
        ):
            match = found
            break
    if match and match.end() < len(text):
        rest = text[match.end() :].strip(" \t\n.:：)）]")
        before = text[: match.start()].rstrip(" \t\n(（[|–—-/,;")
        plain = re.match(
            r"(?i)(?:photo|image|picture|pic|illustration|graphic|圖片?|相片)s?\s*[:：/]", match[0]
        )
        if before or not plain or len(rest.split()) <= 8:
            return Credit(before.strip(), rest) if len(rest.split()) <= 20 else None
    bracket = _CREDIT_IN_BRACKETS.search(text)
    if bracket and (
        beside_picture or re.match(r"(?i)photo|image|picture|credit", bracket["credit"])
    ):
        inner = re.sub(
            r"(?i)^(?:(?:photo|image|picture|photograph)s?(?:\s+(?:credits?|by|courtesy of|via))?|credits?|"
            r"courtesy(?: of)?|source)\s*[:：/]?\s*",
            "",
            bracket["credit"],
        ).strip()
        inner = re.sub(r"(?i)\s+(?:file )?(?:photos?|pictures?|image)$", "", inner)
        return Credit(text[: bracket.start()].strip(), inner) if inner else None
    return None


def is_small_print(text: str) -> bool:
    """Whether a line belongs to the mail tool or the web site and not to the issue."""
    return bool(
        (_SMALL_PRINT.search(text) and len(text) < 400)
        or (len(text.split()) <= 4 and _SMALL_LINKS.fullmatch(text) and not text.endswith(":"))
    )


_POSTED = re.compile(
    rf"^\W*(?:published|posted)(?: on)?:?\s+(?P<date>{DATE})(?:\s+(?:by|in|at)\b.*|\W*)$",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"^(?:By|by|BY)\s+[A-Z][\w.'’-]*(?:,?\s+(?:and\s+|&\s+|de\s+|van\s+)?[A-Z][\w.'’-]*){0,6}$"
)
_FAREWELL = re.compile(
    r"^(?:(?:with |kind(?:est)? |best |warm(?:est)? |many )*(?:regards|wishes|thanks)|yours (?:sincerely|truly|faithfully)|"
    r"sincerely(?: yours)?|in solidarity|cheers|until next (?:month|time))\W*$",
    re.IGNORECASE,
)
DAY_MONTH = re.compile(
    rf"(?:\b{_DAY}\s+(?:of\s+)?{_MONTH}|(?<!\d\s)(?<!\w)\b{_MONTH}\s+{_DAY})(?=\s*(?:[|)\]–—-]|$))(?!\s*[-–]?\s*\d)",
    re.IGNORECASE,
)


def posted(text: str) -> When | None:
    """The date of a web page's own line "Published December 1, 2017 by admin"."""
    match = _POSTED.match(text)
    return date(match["date"]) if match else None


def is_byline(text: str) -> bool:
    """Whether a line names who wrote a text: "By Ann Writer"."""
    return len(text) < 80 and bool(_BYLINE.match(text))


def is_farewell(text: str) -> bool:
    """Whether a line ends a letter: "Kind regards,"."""
    return bool(_FAREWELL.match(text))


_NOTE = re.compile(
    r"^\s*(?:(?P<headline>headline at the source|original (?:headline|title)|原標題)|"
    r"(?P<note>(?:editor'?s?|our|publisher'?s?) note|note from the editor|ed\.? note|編者按|編按)|"
    r"(?P<content>(?:content|trigger) (?:note|warning)|內容提示|內容警告))\s*[:：]\s*(?P<rest>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)


def note(text: str) -> tuple[str, str] | None:
    """An editor's note, a content note or the outlet's own headline behind a label."""
    match = _NOTE.match(text.replace("’", "'"))
    if not match:
        return None
    which = next(name for name in ("headline", "note", "content") if match[name])
    return which, text[match.start("rest") :].strip()


_CONTENTS = re.compile(
    r"^\W*(?:in this (?:issue|edition|newsletter|month'?s issue)|inside(?: this issue)?|(?:table of )?contents|"
    r"what'?s inside|at a glance|目錄|本期內容|內容)\W*$",
    re.IGNORECASE,
)
_PARTICULAR = re.compile(
    r"^\s*(?:place|venue|location|where|time|address|speakers?|fee|cost|price|contact|tel|phone|e-?mail|language|"
    r"organi[sz]ers?|hosts?|registration|rsvp|deadline|地點|時間|費用|查詢|語言|主辦)\s*[:：]",
    re.IGNORECASE,
)


def is_contents(text: str) -> bool:
    """Whether a heading announces a list of what the issue holds."""
    return bool(_CONTENTS.match(text))


def is_particular(text: str) -> bool:
    """Whether a line is a labelled detail of an event that the issue has no field for."""
    return bool(_PARTICULAR.match(text))


def can_be_source(text: str) -> bool:
    """Whether a short line can be an outlet's name and nothing more."""
    bare = tidy_source(text)
    return (
        bool(bare)
        and len(bare.split()) <= 7
        and not re.search(r"[.!?:;。：]$", text.strip())
        and _is_source(bare)
        and not is_access(text)
    )


_FOOT = re.compile(
    r"mailing list$|registered (?:charity|office|company)|unsubscribe|opt[- ]out|removed? from|no longer wish|all rights reserved|©|copyright|mailing address|preferences|"
    r"you (?:are|were) receiv|you received this|was sent to|follow us|like us on|find us on|connect with us|"
    r"取消訂閱|退訂|版權所有",
    re.IGNORECASE,
)


_ADVERT = re.compile(
    r"^\W*(?:advert(?:isement|orial)?|sponsored(?: (?:content|post|by\b.{0,60}))?|a (?:message|word) from our sponsors?|"
    r"our sponsors?|promotion|paid (?:post|content)|廣告|贊助(?:商|內容)?)\W*$",
    re.IGNORECASE,
)


def is_advert(text: str) -> bool:
    """Whether a line says that what follows is paid for."""
    return bool(_ADVERT.match(text))


def is_foot(text: str) -> bool:
    """Whether small print is of the kind that stands below the last item."""
    return bool(_FOOT.search(text))


def month_in(text: str) -> When | None:
    """The month or day that a short line names ("STOP News – June 2019"); None where there is none."""
    for match in _DATE_ANYWHERE.finditer(text):
        found = date(match[0])
        if found:
            return found
    return None


_SECTION = re.compile(
    r"^[\W\d]*(?:(?:our |the |this |other |latest |more |top |key |recent |upcoming |monthly |local |global |general |selected )*"
    r"(?:highlights?|news|headlines?|stories|updates?|resources?|events?|publications?|reports?|research|toolkits?|"
    r"reading|readings|announcements?|notices?|campaigns?|opinions?|features?|editorial|videos?|podcasts?|"
    r"documentar(?:y|ies)|jobs?|vacanc(?:y|ies)|trainings?|webinars?|spotlight|focus|round-?up|digest|media|picks?|"
    r"policy|legislation|law(?: and policy)?|business|technology|supply chains?|survivors?|corporate)"
    r"(?:\s+(?:of|from|in|for|on|and|&|around|across|by|to|about|with)\b.{0,50}|\s+(?:this|last) (?:month|week)|"
    r"\s+(?:updates?|news|stories|round-?up|highlights?|digest|items?|section|corner|picks?|and\b.{0,30}))?|"
    r"(?:in the (?:news|media|spotlight|headlines)|what'?s (?:new|on|happening)\b.{0,20}|from (?:us|the (?:team|field|editor|desk))\b.{0,20}|"
    r"around the (?:world|region|globe)|editor'?s? (?:pick|note|choice)s?|must[- ]reads?|save the dates?|"
    r"sector (?:pick|focus|spotlight)\b.{0,40}|did you know\??|get involved|take action|how you can help|"
    r"hong kong|macau|china|mainland china|taiwan|asia|asia[- ]pacific|southeast asia|south[- ]east asia|east asia|south asia|"
    r"central asia|middle east(?: (?:and|&) (?:north )?africa)?|africa|europe(?: (?:and|&) central asia)?|"
    r"(?:the )?americas?|north america|latin america(?: (?:and|&) the caribbean)?|south america|oceania|"
    r"australasia|australia(?: (?:and|&) new zealand)?|pacific|the pacific|united kingdom|uk|united states|usa?|india|"
    r"international|regional|global(?:ly)?|world(?:wide)?|national|local(?:ly)?|overseas|elsewhere|"
    r"本月焦點|焦點|香港|亞洲|國際|世界|資源|新聞|最新消息|活動|本地|兩岸|本會消息|推介)"
    r"(?:\s+(?:news|updates?|headlines|stories|round-?up|highlights|新聞))?)\W*$",
    re.IGNORECASE,
)


def is_section(text: str) -> bool:
    """Whether a heading is one that newsletters give to parts: "Highlights of the Month", "Asia"."""
    return len(text.split()) <= 9 and bool(_SECTION.match(text))


_OURS = re.compile(
    r"highlight|our (?:news|work|month|events|updates?)|from (?:us|the team|our)|message from|welcome|"
    r"editorial|letter from|本月焦點|本會|organi[sz]ation(?:al)? (?:news|updates?)",
    re.IGNORECASE,
)
_RESOURCES = re.compile(
    r"resource|toolkit|handbook|our pick|reading|publication|library|guides?\b|reports? (?:and|&)|資源|推介",
    re.IGNORECASE,
)
_EVENTS = re.compile(
    r"\bevents?\b|save the date|what'?s on|calendar|webinars?|trainings?\b|活動", re.IGNORECASE
)


def is_ours(heading: str) -> bool:
    return bool(_OURS.search(heading))


def is_resources(heading: str) -> bool:
    return bool(_RESOURCES.search(heading))


def is_events(heading: str) -> bool:
    return bool(_EVENTS.search(heading))

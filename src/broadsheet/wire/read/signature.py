"""Bylines without markup: names that are told by where they stand and what stands before them.

Asked only where linked data, meta tags and marked bylines name no person. The labels are those that
newspapers print in the languages of the pages we have seen; a word before a name is believed only where
what follows has the shape of a name and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from broadsheet.wire.read.names import agency, apart, capital, is_person, people, plain

_ALONE: Any = etree.XPath(
    "(//p[count(*) = 1][*[self::strong or self::b or self::em or "
    "self::i]][string-length(normalize-space(.)) < 60]"
    "[string-length(normalize-space(.)) = string-length(normalize-space(*))])[position() = 1 "
    "or position() = last()]"
)
# The hundred commonest Chinese family names (China's ministry of public security, 2020), both scripts.
# Two to four characters alone may be any word; behind one of these they are taken for a name.
_FAMILY = (
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林高罗羅郑鄭梁谢謝宋唐许許韩韓邓鄧冯馮曹彭曾肖蕭田董潘袁蔡蒋蔣余于"
    "杜叶葉程魏苏蘇吕呂丁任卢盧姚沈钟鐘姜崔谭譚陆陸范汪廖石金韦韋贾賈夏付方邹鄒熊白孟秦邱侯江尹薛闫閻段雷龙龍黎史陶贺賀毛郝顾顧"
    "龚龔邵万萬覃武钱錢戴严嚴莫孔向常欧歐游温溫洪施倪柯翁伍關关"
)
_HAN = re.compile(r"^[\u4e00-\u9fff]{2,4}$")


def alone(tree: HtmlElement) -> list[str]:
    """A name in bold or italics that is a paragraph of its own, above or below the text."""
    for number, paragraph in enumerate(_ALONE(tree)):
        line = _words(paragraph)
        parts = [part for part in re.split(r"\s*(?:/|,|、|&|\band\b)\s*", line.rstrip(".")) if part]
        if (
            parts
            and (not line.isupper() or (number == 0 and 2 <= len(line.split()) <= 3))
            and all(is_person(part) and capital(part) for part in parts)
            and all(part[0] in _FAMILY for part in parts if _HAN.match(part))
        ):
            return [line]
    return []


_DESK = re.compile(
    r"(?i)(?:^|[\s-])(?:redaktion|newsroom|news ?desk|staff (?:reporters?|writers?|report)|editorial team|"
    r"rédaction|redacción|redazione|redactie|redakcja|redaksi|編輯部|编辑部)$"
)


def desk(tree: HtmlElement) -> list[str]:
    """A desk that signs in bold or italics, in a paragraph of its own: "Example Redaktion"."""
    lines = (_words(paragraph) for paragraph in _ALONE(tree))
    return [line for line in lines if len(line) < 40 and _DESK.search(line)][:1]


_BY = re.compile(r"\s*(?:[Bb]y|BY|Von|VON|Par|PAR|Por|POR|Oleh|Door|Skrevet av)\s*:?\s+[^\W\d_]")
_BY_ALONE = re.compile(r"\s*(?:[Bb]y|BY|Von|VON|Par|PAR|Por|POR|Oleh|Door|Skrevet av)\s*:?\s*$")
_HOLDERS = ("h1", "p", "span", "div", "li", "em", "strong", "address")


def printed(tree: HtmlElement) -> list[str]:
    """The first short line below the headline that begins with "By", in the languages of `_BY`."""
    below = False
    for element in tree.iter(*_HOLDERS):
        if element.tag == "h1":
            below = True
        elif below and element.text and (_BY.match(element.text) or _says_by(element)):
            line = " ".join("".join(_until(element, 200)).split())
            if len(line) < 90 and all(map(capital, people([line]))) and not _teaser(element):
                return [line]
    return []


def _teaser(element: HtmlElement) -> bool:
    """Whether an element stands in what leads to other pages: a link that holds more, a side box."""
    for up in element.iterancestors():
        if up.tag in ("aside", "nav", "footer"):
            return True
        if up.tag == "a":
            return len(_words(up)) > len(_words(element)) + 4
    return False


def _says_by(element: HtmlElement) -> bool:
    """Whether an element begins with a bare "By" and goes on with other elements: links of names."""
    return len(element) > 0 and bool(_BY_ALONE.match(element.text or ""))


_WRITER = (
    r"(?:(?:written|reported|posted)\s+by|by|words|story|reporters?|authors?|author\(s\)|von|"
    r"autor(?:in(?:nen)?|en|es|as?|i)?(?:\s*[/:*]\s*(?:autor(?:in(?:nen)?|en)?|in(?:nen)?|en))?|verfasser(?:in)?|"
    r"(?:geschrieben|verfasst)\s+von|auteure?s?|journalistes?|par|por|redactor(?:a|es)?|periodistas?|autore|autrice|door|auteurs?|"
    r"tekst|av|af|skribent|journalist|toimittaja|penulis|reporter|pewarta|oleh|laporan|ditulis\s+oleh|"
    r"yazar|muhabir|автор(?:ы)?|журналист|tác\s+giả|ผู้เขียน|โดย|"
    r"作者|記者|记者|撰文|撰稿|採訪|采访|文|執筆者?|筆者|取材|기자|글)"
)
_CHARGE = r"(?:责编|責編|责任编辑|責任編輯|编辑|編輯)"
_LABEL = re.compile(rf"(?i)^[\s(\[（【〔]*{_WRITER}\s*[:：]?\s*$")
_LABELLED = re.compile(
    rf"(?i)^[\s(\[（【〔]*{_WRITER}\s*(?:[:：]|[/／|｜](?=\s*[\u4e00-\u9fff]))\s*(\S.*?)[\s)\]）】〕]*$"
)
_CHARGED = re.compile(rf"^[\s(\[（【〔]*{_CHARGE}\s*[:：/／]\s*(\S.*?)[\s)\]）】〕]*$")
_LABELS_STAND = ("span", "div", "p", "li", "strong", "b", "em", "small", "label", "dt", "th", "td",
                 "h4", "h5", "h6")  # fmt: skip


def labelled(tree: HtmlElement) -> list[str]:
    """The names behind a label: "Author" in one element and the name in the next, "文：", "Penulis:".

    Where nobody is named as a writer, who is named as the editor in charge (责编), as Chinese papers do.
    """
    charged: list[str] = []
    for element in tree.iter(*_LABELS_STAND):
        text = element.text
        if not text or len(text) > 120 or not text.strip():
            continue
        value = ""
        if _LABEL.match(text):
            value = _words(element)[len(text.strip()) :] if len(element) else _after(element)
        elif found := _LABELLED.match(text.strip()):
            value = found[1] if not len(element) else ""
        elif not charged and (found := _CHARGED.match(text.strip())):
            charged = _names_only(found[1])
        if value and (lines := _names_only(value)) and not _teaser(element):
            return lines
    return charged


def _after(element: HtmlElement) -> str:
    """What stands behind an element: the text, else what the next element holds."""
    if (element.tail or "").strip(" :\n\t\xa0"):
        return str(element.tail)
    following = element.getnext()
    return "" if following is None or not isinstance(following.tag, str) else _words(following)


def _names_only(value: str) -> list[str]:
    """The line where it holds names of people alone; else nothing."""
    value = " ".join(value.split()).strip(" :：|/,·–—")
    if not 2 <= len(value) <= 100:
        return []
    parts = [
        part
        for part in re.split(r"\s*(?:[,;/／、|&]|\band\b|\bund\b|\by\b|\s{2,})\s*", value)
        if part
    ]
    names = list(apart(value))
    if not names or len(names) < len(parts) or not all(map(capital, names)):
        return []
    return [value] if any(map(is_person, names)) else []


_DAY = re.compile(
    r"\b\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})\b|\b\d{4}[./-]\d{1,2}[./-]\d{1,2}\b|\d{4}年\d{1,2}月|"
    r"\b\d{1,2}\.?\s+[^\W\d_]{3,10}\.?,?\s+\d{4}\b|\b[^\W\d_]{3,10}\.?\s+\d{1,2},\s+\d{4}\b"
)


def dated(tree: HtmlElement) -> list[str]:
    """A name that stands beside the date, below the headline: "Ada Sample | 21.06.2019"."""
    below = False
    for element in tree.iter("h1", "a", *_HOLDERS[1:], "b"):
        if element.tag == "h1":
            below = True
            continue
        text = (element.text or "").strip(" \n\t\r|·•,–—-\xa0")
        if not below or not 5 <= len(text) <= 60 or len(element) > 0:
            continue
        following = element.getnext()
        beside = (element.tail or "").strip(" \n\t\r|·•,–—-\xa0")
        if not beside and following is not None and isinstance(following.tag, str):
            beside = "1/1/2000" if following.tag == "time" else _words(following, 80)
        if not _DAY.search(beside[:60]):
            continue
        names = list(apart(text, bare=True))
        if names and len(names[0].split()) >= 2 and _names_only(text) and not _teaser(element):
            return [text]
    return []


# Bylines inside the text, as agencies and papers print them at its beginning or end.
_HANZI = r"[\u4e00-\u9fff·]"
_TOLD = (
    # （记者王小明、李大同）, 【本報記者陳大文報導】, 〔記者王小明／台北報導〕
    re.compile(
        rf"[（(【\[〔](?:{_HANZI}{{0,6}})?(?:记者|記者)[\s:：]*({_HANZI}{{2,4}}(?:[、,，\s]{_HANZI}{{2,4}}){{0,5}}?)"
        rf"(?:\s*[／/]\s*{_HANZI}{{2,8}}|{_HANZI}{{0,4}}(?:报道|報道|報導))?[）)】\]〕]"
    ),
    re.compile(
        rf"^(?:本報)?(?:記者|记者)\s*({_HANZI}{{2,4}})\s*[／/]\s*{_HANZI}{{2,6}}(?:報導|报道|報道)"
    ),
    # （中央社記者王小明台北22日電）: the name has two or three characters, and a place follows
    re.compile(
        r"[（(](?:\S{0,5})記者([\u4e00-\u9fff]{3})[\u4e00-\u9fff]{2,5}\d{1,2}日(?:[專综綜合]{0,2})電[）)]"
    ),
    # 홍길동 기자 hong@news.example, (서울=예시통신) 홍길동 기자 =
    re.compile(r"(?:^|[\s)/])([\uac00-\ud7a3]{2,4})\s*(?:기자|특파원)\s*(?:$|[=|(]|\S+@)"),
)
_FOOT = re.compile(
    r"(?:^|[\s(])(?:Reporting by|Reported by|Additional reporting by)\s+([^;()]{4,120})"
)
_LATE = re.compile(
    r"。\s*【([\u4e00-\u9fff\u3040-\u30ff]{3,6}(?:[、・][\u4e00-\u9fff\u3040-\u30ff]{3,6}){0,3})】$"
)


def told(tree: HtmlElement) -> list[str]:
    """Who signs inside the text: "（记者 王小明）", "홍길동 기자 =", "Reporting by Ada Sample; ..."."""
    for paragraph in tree.iter("p"):
        line = _words(paragraph, 4_000)
        if len(line) < 8:
            continue
        ends = (line,) if len(line) < 200 else (line[:120], line[-80:])
        for end in ends:
            for pattern in _TOLD:
                if (found := pattern.search(end)) and _names_only(found[1]):
                    return _names_only(found[1])
        if found := _FOOT.search(line[-240:]) or _LATE.search(line):
            lines = _names_only(re.sub(r"\s+in\s+[A-Z].*$|\.$", "", found[1]))
            if lines:
                return lines
    return []


def below(tree: HtmlElement, outlet: frozenset[str]) -> list[str]:
    """Who signs with the outlet, or as an agency, in the text's last line: "The Example / Sample Daily".

    `outlet` holds the outlet's names as `names.plain` gives them.
    """
    told = False  # what stands above the text is a way through the site: "Home / The Example"
    for paragraph in tree.iter("p"):
        line = _words(paragraph, 80).strip(" ()[]–—-")
        told = told or len(line) > 80
        if not told or not 2 <= len(line) <= 60 or "/" not in line or _teaser(paragraph):
            continue
        parts = [part.strip() for part in line.split("/")]
        others = [part for part in parts if plain(part) not in outlet]
        if 0 < len(others) < len(parts) and all(map(_signs, others)):
            return others
    return []


def _signs(part: str) -> bool:
    """Whether one to four words are written as a name."""
    return agency(part) is not None or (
        len(part.split()) <= 4 and capital(part) and not re.search(r"\d|[.!?]", part)
    )


def _words(element: HtmlElement, most: int = 400) -> str:
    """The text of an element as one line; what is longer than `most` is not read to its end."""
    return " ".join(" ".join(_until(element, most)).split())


def _until(element: HtmlElement, most: int) -> Iterator[str]:
    for piece in element.itertext():
        yield piece
        most -= len(piece)
        if most < 0:
            return

"""The text of an article. trafilatura finds it; an independent witness says when to look again.

A glance by trafilatura's fast mode is right on most pages. Where it has missed most of what the linked
data gives as the article's body, or most of the densest run of paragraphs, the whole fast mode is run,
then its slower comparison of several algorithms, and what agrees best with the witness is taken. Then come
off: link-only paragraphs, "read more" lines, calls to subscribe, a repeated headline and byline.
What each of these is worth: docs/measures.md.
"""

from __future__ import annotations

import copy
import html
import logging
import re
from typing import Any

from lxml import etree
from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import Document as TheirDocument
from trafilatura.settings import Extractor

from broadsheet.wire.read.document import Document, Node

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it warns of is in our failures
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def _words(text: str) -> str:
    """A pattern of alternatives, one a line, with `_` for blanks; read without case."""
    return "|".join(line.strip().replace("_", r"\s+") for line in text.strip().splitlines())


# A line that leads away from the article, in the languages of the pages we have seen.
_SEE = re.compile(
    r"^\W*(?:"
    + _words(
        r"""
        related(?:_(?:stories|articles?|coverage|content|news|posts?|topics?))?\s*[:|–-]
        read_(?:more|also|next|the_full_\w+)\b\s*[:|–>-]?
        see_(?:more|also)\s*[:|–-]
        also_on_\S+
        (?:watch|listen)(?:_(?:live|now|more|here))?\s*:
        don['’]?t_miss\b
        (?:you_(?:may|might)_(?:also_)?like|recommended|trending|most_(?:read|popular)|more_(?:stories|news|coverage)|top_stories)\b
        (?:lesen|sehen|hören)_sie_(?:auch|hier|mehr|dazu)\b
        lest?_auch\b
        auch_(?:interessant|lesenswert)\b
        mehr_(?:zum_thema|dazu|lesen|nachrichten|infos|news)\b
        (?:passend|mehr)_dazu\b
        weiterlesen\b
        das_könnte_(?:sie|dich)_auch\b
        zum_thema\s*:?$
        siehe_auch\b
        empfohlene[rn]?_(?:redaktionelle[rn]?_inhalt|artikel)\b
        interessantes_zum_thema
        hier_finden_sie\b
        (?:lire|voir|écouter|à_lire)_(?:aussi|également)\b
        (?:lea|vea|leer|ver)_(?:también|más)\b
        más_información\b
        (?:leggi|guarda)_anche\b
        (?:leia|veja)_(?:também|mais)\b
        lees_(?:ook|meer|verder)\b
        (?:læs|les|läs)_(?:også|mere|mer|också|även)\b
        (?:czytaj|zobacz|przeczytaj)_(?:więcej|też|także|również)\b
        čtěte_(?:také|též|více)\b
        (?:читайте|смотрите)_(?:также|ещё)\b
        ayrıca_oku
        ilgili_haber
        baca_juga\b
        xem_thêm\b
        (?:延伸閱讀|延伸阅读|相關新聞|相关新闻|相關報導|更多新聞|推薦閱讀|看更多|関連記事|あわせて読みたい|관련\s?기사|관련\s?뉴스)
        """
    )
    + r")|^>>\s",
    re.IGNORECASE,
)
# A line below an article: calls to subscribe, to follow, to comment; tags; who helped.
_FOOT = re.compile(
    _words(
        r"""
        \bsign(?:ing)?[\s-]up_(?:for|to)\b
        \bsubscri(?:be|ption)\b
        \bnewsletters?\b
        \bfollow_(?:us|him|her|them|me|@|\w+_on_(?:twitter|x|facebook|instagram))
        \b(?:like|join)_us_on\b
        \bdownload_(?:our|the)_\w*\s*app\b
        \bget_the_.{0,30}\bapp\b
        \bshare_(?:it|this)_(?:with|on|story|article)\b
        \bin_your_inbox\b
        \byour_inbox_for\b
        ^thanks_for_signing
        \ban_error_(?:has_occurred|occurred)|there_was_an_error
        \ball_rights_reserved\b
        \bcopyright_(?:©|\d{4})
        ^©
        \bcontributed_to_this_(?:report|story|article)\b
        ^(?:updated|published|posted|last_modified)\b.{0,60}$
        \b(?:can|may)_be_reached_at\b
        ^(?:write_to|e-?mail|contact)_.{0,80}@
        ^tags?\b
        ^filed_under\b
        ^(?:categories|topics?|schlagworte|themen|stichwörter|etiquetas|temas)\b\s*:?
        ^\W*comments?\W*$
        ^\d*\s*(?:comments?|kommentare|comentarios|commentaires)\b
        leave_a_comment
        what_do_you_think
        tell_us_what
        ^have_a_tip\b
        ^click_here_(?:to|for)\b
        click_here_for_more
        ^(?:with|mit)_(?:reports?|material|informationen|dpa|afp|reuters|agenturmaterial)\b
        \bfolge[nt]?_(?:du|sie|uns)\b
        \bfolgst_du\b
        \babonnier(?:e|en|t)\b
        dieses_thema_im_programm
        ^quelle[n]?\s*:
        eigene_recherchen?
        ^wie_hat_ihnen_dieser
        durchschnittliche_bewertung
        support_(?:our|independent|quality)_journalism
        unterstütz(?:e|en|ung)\b.{0,60}journalis
        \bsuscr[ií]b\w+
        \bsíguenos\b
        tu_suscripción
        abonnez-vous
        s['’]abonner
        iscriviti
        seguici
        siga-nos
        (?:訂閱|追蹤我們|購読|会員登録|구독|무단\s?전재|저작권자)
        подпис(?:аться|ывайтесь|ка)
        ^photos?$
        ^(?:read|view)_(?:all_)?comments
        if_you_buy_something
        """
    ),
    re.IGNORECASE,
)
_ENDED = re.compile(r"[.!?…。！？»”\"'’):;।؟]\s*$")
_ITEM = re.compile(r"^\s*[-–•*·]\s")
_DATE_LINE = re.compile(
    r"^\W*(?:(?:updated|published|posted|uppdaterad|publicerad|aktualisiert|veröffentlicht|stand|last_updated|publicado|"
    r"actualizado|publié|mis à jour)\b.*|(?:\w+,?\s+)?\d{1,2}[./\s-]+(?:\d{1,2}|[^\W\d]+)[./\s,"
    r"-]+\d{4}\b.{0,25}|"
    r"[^\W\d]{3,10}\s+\d{1,2},\s+\d{4}\b.{0,25})$",
    re.IGNORECASE,
)
_BY_LINE = re.compile(
    r"^(?:by|von|par|por|text:|autor:|di|door|av|af)\s+[A-ZÀ-Þ].{0,60}$", re.IGNORECASE
)
_ADDRESS = re.compile(r"^\s*https?://\S+\s*$")

_ENOUGH = 0.6  # of the witness found in the fast result: below that the slow comparison is run


def text(document: Document, article: Node | None, headline: str) -> str:
    """The article's text, paragraph by paragraph; empty where none is found.

    Takes link-only paragraphs out of the document's tree: call it last.
    """
    linked = _linked(article)
    _without_links(document.tree)
    witness = [line for line in linked.split("\n") if len(line) > 60] or _densest(document.tree)
    glanced = bool(witness)  # else nothing could tell that a glance missed the article
    best = _glanced(document) if glanced else _found(document, fast=True)
    if not _about(headline, witness) and _about(headline, best.split("\n")):
        witness = []  # the densest run tells of something else: comments, teasers
    agreed = _agreement(best, witness)
    if glanced and (agreed < _ENOUGH or not best):
        best = _found(document, fast=True)
        agreed = _agreement(best, witness)
    size = sum(map(len, witness))
    # Where the fast result agrees, the slow one was taken on none of 605 pages, short or long.
    if agreed < _ENOUGH or not best:
        slow = _found(document, fast=False)
        again = _agreement(slow, witness)
        if again > agreed + 0.1 or (again >= agreed - 0.05 and _closer(slow, best, witness)):
            best, agreed = slow, again
        if agreed < _ENOUGH and size > 1.2 * len(best) and (linked or _within(best, witness)):
            best = linked or "\n".join(witness)
    return clean(best, headline)


def _glanced(document: Document) -> str:
    """trafilatura's fast result at a third less of its time, for where a witness can judge it.

    It looks at a copy without what it would take out itself, after walking over it several times; and it
    does not measure the page's whole text, by which it would decide whether to look a second time. On 439
    real pages two texts differ, by lines beside the article; on those of scrapinghub F1 is the same.
    """
    tree = copy.copy(document.tree)
    etree.strip_elements(tree, *_BESIDE, with_tail=False)
    options = _options(document, fast=True)
    options.focus = "once"  # the second look is for "balanced" alone
    return _extracted(tree, options)


def _found(document: Document, *, fast: bool) -> str:
    return _extracted(document.tree, _options(document, fast=fast))


def _options(document: Document, *, fast: bool) -> Extractor:
    return Extractor(comments=False, fast=fast, output_format="python", url=document.url)


def _extracted(tree: HtmlElement, options: Extractor) -> str:
    found = bare_extraction(tree, options=options)
    return (found.text or "").strip() if isinstance(found, TheirDocument) else ""


def _linked(article: Node | None) -> str:
    """The linked data's articleBody as paragraphs, or empty."""
    body = article.get("articleBody") if article else None
    if not isinstance(body, str) or len(body) < 200:
        return ""
    body = html.unescape(body)
    if re.search(r"</?(?:p|br|div|li|h\d)\b", body):
        body = re.sub(r"<(script|style)\b.*?</\1>", " ", body, flags=re.DOTALL | re.IGNORECASE)
        body = re.sub(r"</?(?:p|br|div|li|h\d|ul|ol|blockquote)\b[^>]*>", "\n", body)
        body = re.sub(r"<[a-zA-Z/!][^<>]*>", "", body)
    lines = (" ".join(line.split()) for line in body.split("\n"))
    return "\n".join(line for line in lines if line)


def _densest(tree: HtmlElement) -> list[str]:
    """The long paragraphs of the elements of one kind (tag and class) that hold the most of them.

    By kind, since some sites cut an article into several boxes with pictures and notices between.
    """
    groups: dict[object, list[str]] = {}
    sizes: dict[object, int] = {}
    for paragraph in tree.iter("p"):
        line = " ".join("".join(paragraph.itertext()).split())
        parent = paragraph.getparent()
        if len(line) <= 60 or parent is None:
            continue
        name = parent.get("class")
        key = (parent.tag, name) if name else parent
        groups.setdefault(key, []).append(line)
        sizes[key] = sizes.get(key, 0) + len(line)
    return list(dict.fromkeys(groups[max(sizes, key=lambda one: sizes[one])])) if sizes else []


def _agreement(text: str, witness: list[str]) -> float:
    """The share of the witness's characters whose paragraph begins somewhere in the text, 0 to 1."""
    total = sum(map(len, witness))
    if not total:
        return 1.0
    have = _bare(text)
    return sum(len(line) for line in witness if _bare(line)[:40] in have) / total


def _within(text: str, witness: list[str]) -> bool:
    """Whether most of the text's long lines stand in the witness: then it is a part of it."""
    have = _bare(" ".join(witness))
    lines = [_bare(line)[:40] for line in text.split("\n") if len(line) > 60]
    return sum(line in have for line in lines) >= 0.6 * max(1, len(lines))


def _about(headline: str, lines: list[str]) -> bool:
    """Whether at least a quarter of the headline's words of five letters or more stand in the lines."""
    names = set(re.findall(r"\w{5,}", headline.lower()))
    if len(names) < 3:
        return bool(lines)
    have = " ".join(lines).lower()
    return sum(name in have for name in names) * 4 >= len(names)


def _closer(one: str, other: str, witness: list[str]) -> bool:
    """Whether the one's length is nearer to the witness's than the other's."""
    size = sum(map(len, witness)) or 1
    return abs(len(one) - size) < abs(len(other) - size) and len(one) > 0.5 * size


_LINKED_PARAGRAPHS: Any = etree.XPath("//p[.//a]")
_LINKED_LISTS: Any = etree.XPath("//*[self::ul or self::ol][count(li) > 1][not(li[not(.//a)])]")
# Never text, and each copy that trafilatura makes of the tree would carry it along.
_DEAD = ("script", "style", "svg", "template", "iframe", "canvas", "object", "link", "meta")
# trafilatura takes these out itself (MANUALLY_CLEANED and MANUALLY_STRIPPED of its settings).
_BESIDE = (
    "nav", "footer", "aside", "menu", "button", "label", "select", "input", "noscript",
    "img", "picture", "source", "video", "audio",
)  # fmt: skip


def _without_links(tree: HtmlElement) -> None:
    """Take out what is no text, paragraphs that are one link, and lists of nothing but links."""
    etree.strip_elements(tree, *_DEAD, with_tail=False)
    for element in _LINKED_PARAGRAPHS(tree):
        link = next(element.iter("a"))
        words = "".join(element.itertext()).strip()
        if 12 < len(words) < 250 and words == "".join(link.itertext()).strip():
            _drop(element)
    for element in _LINKED_LISTS(tree):
        if len(element) <= 40 and all(_is_link(item) for item in element):
            _drop(element)


def _is_link(item: HtmlElement) -> bool:
    links = sum(len("".join(link.itertext()).strip()) for link in item.iter("a"))
    return links >= 0.9 * len("".join(item.itertext()).strip())


def _drop(element: HtmlElement) -> None:
    parent = element.getparent()
    if parent is None:
        return
    tail = element.tail
    if tail and tail.strip():
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
    parent.remove(element)


def clean(text: str, headline: str) -> str:
    """A text without the repeated headline, bylines, ways to other articles and calls to subscribe.

    Works line by line; what stands between two paragraphs goes only where words say what it is.
    """
    lines = [line for line in text.split("\n") if line.strip() and not _ADDRESS.match(line)]
    title = _bare(headline)
    start = 0
    while start < min(6, len(lines) - 1) and _is_head(lines[start], title):
        start += 1
    kept: list[str] = []
    leading_away = False
    for line in lines[start:]:
        listed = bool(_ITEM.match(line))
        if len(line) < 220 and _SEE.match(line):
            leading_away = len(line) < 60
            continue
        if leading_away and len(line) < 130 and (listed or not _ENDED.search(line)):
            continue
        leading_away = False
        kept.append(line)
    while len(kept) > 2 and _is_foot(kept[-1]):
        kept.pop()
    return "\n".join(kept)


def _is_head(line: str, title: str) -> bool:
    bare = _bare(line)
    if not bare or _DATE_LINE.match(line) or _BY_LINE.match(line):
        return True
    if title and (bare == title or (len(bare) > 12 and bare in title)):
        return True
    if len(title) > 12 and title in bare and len(bare) < 1.8 * len(title):
        return True
    return not _ENDED.search(line) and (len(line) < 28 or bool(_ITEM.match(line)))


def _is_foot(line: str) -> bool:
    if len(line) < 420 and _FOOT.search(line):
        return True
    if _DATE_LINE.match(line):
        return True
    return len(line) < 45 and not _ENDED.search(line) and not _ITEM.match(line)


def _bare(line: str) -> str:
    return re.sub(r"[\W_]+", "", line).lower()

"""What a page is where it is no article: a wall, a consent page, a soft 404, an index, a live blog."""

from __future__ import annotations

import re

from broadsheet.wire.errors import ReadError
from broadsheet.wire.read.document import Document, Node, kinds

ARTICLE = frozenset(
    {
        "Article", "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle",
        "OpinionNewsArticle", "BackgroundNewsArticle",
        "AskPublicNewsArticle", "ReviewNewsArticle", "BlogPosting", "LiveBlogPosting",
        "SocialMediaPosting", "Report", "TechArticle",
        "ScholarlyArticle", "MedicalScholarlyArticle", "AdvertiserContentArticle",
        "SatiricalArticle", "Review", "ClaimReview", "CreativeWork", "DiscussionForumPosting",
    }
)  # fmt: skip
# What the walls say: their titles, and marks in their scripts. Checked only on pages with little text.
_WALL_TITLE = re.compile(
    r"(?i)^\W*(?:just a moment|attention required|access denied|access to this page has been "
    r"denied|are you a (?:human|robot)|"
    r"please verify you are|verify you are human|security check|bot verification|human "
    r"verification|captcha|pardon our interruption|request (?:blocked|rejected)|forbidden|403\b|"
    r"error 403|"
    r"blocked|you have been blocked|ddos-guard|checking your browser|one moment, please|robot "
    r"check|client challenge|"
    r"429\b|too many requests|unusual traffic|sicherheitsabfrage|accès refusé|验证|驗證|人机验证|安全验证)"
)
_WALL_MARKS = (
    "cf-browser-verification", "cf_chl_", "/cdn-cgi/challenge-platform", "challenge-form",
    "px-captcha", "_pxappid", "perimeterx",
    "captcha-delivery.com", "datadome", "distil_r_captcha", "incapsula incident",
    "_incapsula_resource", "akamai reference",
    "g-recaptcha", "h-captcha", "hcaptcha.com", "awswafcookiedomainlist", "aws-waf-token",
    "ddos-guard", "sucuri_cloudproxy", "errors.edgesuite.net", "kpsdk",
    "enable javascript and cookies to continue",
)  # fmt: skip
_CONSENT_TITLE = re.compile(
    r"(?i)(?:before you continue|your privacy choices|privacy settings|cookie (?:consent|"
    r"settings)|consent\b|datenschutz-?einstellungen|"
    r"zustimmung|bevor sie fortfahren|avant d['’]accéder|privacy gate|we value your privacy|mit "
    r"werbung weiterlesen|privacyinstellingen|dpg media privacy)"
)
_CONSENT_MARKS = (
    "consent.yahoo.com",
    "consent.google",
    "privacy-gate",
    "contentpass",
    "consent-management",
    "guce.",
    "sp_message_container",
)
_GONE = re.compile(
    r"(?i)(?:\b404\b|\b410\b|page (?:not|cannot be|could not be|can't be) found|not found|page "
    r"(?:does not|doesn['’]t) exist|no longer (?:available|exists)|"
    r"(?:article|story|page) (?:has been )?(?:removed|deleted|unavailable|expired)|oops|seite "
    r"(?:wurde )?nicht gefunden|nicht (?:mehr )?(?:gefunden|verfügbar)|page (?:non trouvée|"
    r"introuvable)|"
    r"página no encontrada|pagina non trovata|pagina niet gevonden|siden (?:finnes ikke|ble "
    r"ikke funnet)|sidan (?:hittades inte|finns inte)|strona nie (?:istnieje|została "
    r"znaleziona)|"
    r"страница не найдена|sayfa bulunamadı|找不到|"
    r"頁面不存在|页面不存在|ページが見つかりません|페이지를 찾을 수)"
)
_SHORT = 1_500  # characters of text; walls and soft 404s of real sites stay below

_ASK_FEED = "Use the feed's own text, the outlet's newsletter, or enter it by hand."


def refuse(document: Document, text: str, headline: str, article: Node | None) -> None:
    """Raise ReadError where the page is a wall, a consent page or a soft 404. Cheap checks first.

    A page with linked data of an article and a body is read, whatever scripts it carries.
    """
    if len(text) > (_SHORT if len(document.title) < 60 else 500):
        return  # walls have short titles; "Blocked accounts: what ..." is a headline
    if article is not None and len(text) > 200:
        return
    titles = (document.title, headline)
    if any(_WALL_TITLE.search(title) for title in titles):
        raise ReadError(
            "blocked: the site shows a check for robots", at=document.url, hint=_ASK_FEED
        )
    low = document.source[:300_000].lower()
    if (
        len(text) < 600
        and any(mark in low for mark in _WALL_MARKS)
        and len(low) < 120_000
        and not document.meta("og:type")
    ):
        raise ReadError(
            "blocked: the site shows a check for robots", at=document.url, hint=_ASK_FEED
        )
    if any(_CONSENT_TITLE.search(title) for title in titles) or (
        len(text) < 600
        and not document.meta("og:type")
        and any(mark in low for mark in _CONSENT_MARKS)
    ):
        raise ReadError(
            "blocked: the site asks for consent to cookies first", at=document.url, hint=_ASK_FEED
        )
    if any(_GONE.search(title) and len(title) < 90 for title in titles) and article is None:
        raise ReadError(
            "gone: the page says that it was not found",
            at=document.url,
            hint="Look for a kept copy.",
        )


def notes(document: Document, text: str, article: Node | None) -> tuple[str, ...]:
    """What kind of page it is where it is not a plain article: said, not refused."""
    found: list[str] = []
    types = kinds(article) if article else frozenset()
    og = (document.meta("og:type") or "").lower()
    path = re.sub(r"^https?://[^/]*", "", document.url).lower()
    if "LiveBlogPosting" in types or re.search(
        r"[/-](?:live-?blog|live-?ticker|liveblog|live-updates|live/)", path
    ):
        found.append("live blog: its text goes on changing")
    if not article:
        all_types = (
            frozenset().union(*map(kinds, document.nodes)) if document.nodes else frozenset()
        )
        if og.startswith("video") or ("VideoObject" in all_types and len(text) < 600):
            found.append("a video page: little text")
        elif all_types & {"ImageGallery", "MediaGallery"} or re.search(
            r"/(?:gallery|galleries|galerie|fotostrecke|photos|pictures|bildergalerie)/", path
        ):
            found.append("a picture gallery: little text")
        elif all_types & {"CollectionPage", "ItemList", "SearchResultsPage"} and og != "article":
            found.append("looks like an index page")
    return tuple(found)


def index(document: Document, text: str, article: Node | None) -> bool:
    """Whether a page is a front page or a list of links.

    It has no article's data and no date, many links, and no run of paragraphs: an article without any
    linked data still has some lines of 150 characters or more.
    """
    if article is not None or document.meta("article:published_time", "datepublished"):
        return False
    lines = [line for line in text.split("\n") if len(line) > 150]
    if len(lines) > 4 or sum(map(len, lines)) * 2 > max(800, len(text)):
        return False
    links = words_ = 0
    for element in document.tree.iter("a"):
        line = " ".join(element.itertext()).split()
        if len(line) > 3:
            links += 1
            words_ += len(line)
    address = document.canonical or document.url
    path = re.sub(r"^\w+://[^/]*", "", address).strip("/")
    if address and (not path or re.fullmatch(r"(?:index\.\w+|home|[a-z]{2}(?:-[a-z]{2})?)", path)):
        return links > 15
    og = (document.meta("og:type") or "").lower()
    return og != "article" and links > 40 and words_ > 3 * len(text.split())

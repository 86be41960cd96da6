"""Link words: "Access the article here.", "Read more »", "Weiterlesen", "按此閱讀全文"."""

# ruff: noqa: E501 -- long patterns read worse when they are cut

from __future__ import annotations

import re

_BEGINS = re.compile(
    r"^\W*(?:access|click|tap|read|learn|download|view|see|watch|listen|find out|full (?:story|article|text|report)|"
    r"more (?:here|info|information|details|on this|about this)|more\W*$|continue|visit|open|get|register|sign up|rsvp|join|link|here\W*$|"
    r"details|go to|check out|for more|to (?:read|access|learn|view|download|find|register|watch|see)|apply (?:now|here|online|today|to)|"
    r"the (?:full )?(?:article|report|story)|article\W*$|original article|please click|book (?:now|your|a)|discover|explore|"
    r"lire|en savoir plus|voir|cliquez|télécharger|s['’]inscrire|inscri(?:vez|ption)|accéder|consulter|découvrir|"
    r"leer|lea\b|ver (?:más|nota|artículo)|más información|haga clic|descargar|seguir leyendo|conozca|inscr[ií]b\w*|accede|"
    r"leia|ler mais|saiba mais|ver mais|clique|baixar|inscreva|acesse|"
    r"weiterlesen|mehr\b|zum? (?:artikel|bericht|beitrag|download|anmeldung|video)|zur (?:anmeldung|studie|meldung|website)|hier (?:klicken|lesen)|anmeldung\W*$|jetzt|lesen sie|"
    r"leggi|scopri|continua a|scarica|iscriviti|vai al|lees (?:meer|verder|het)|klik|meer (?:lezen|informatie|weten)|aanmelden\W*$|bekijk|"
    r"baca|selengkapnya|unduh|lihat|daftar\W*$|klik|อ่าน|คลิก|ดาวน์โหลด|続きを読む|詳しくは|全文を読む|"
    r"按此|點擊|点击|请点击|請點擊|請按|閱讀|阅读|继续|繼續|详情|詳情|瀏覽|下載|下载|全文|原文|查看|了解|觀看|重溫|立即|登記|報名|更多)(?![a-zà-ÿ])",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    r"\b(?:here|read more|full (?:story|article|report|text)|click|more info|learn more|find out more|"
    r"read on|continue reading|this link|the link|website|webpage|la suite|en savoir plus|ici|aquí|aqui|hier|qui|di sini|"
    r"leer más|weiterlesen|leggi|lees meer)\b|按此|此處|這裡|這裏|全文|詳情|こちら",
    re.IGNORECASE,
)
_SHORT = re.compile(
    r"^\W*(?:read more|learn more|more|full|click|link|here|continue|details|download|view|en savoir plus|lire|leer|leia|saiba|"
    r"weiterlesen|mehr|leggi|lees|baca|selengkapnya|อ่าน|閱讀|阅读|全文|按此|詳情|続き)",
    re.IGNORECASE,
)


# "Order form here.", but not "Winter is here."
_WAY_HERE = re.compile(
    r"(?:(?!(?:is|are|was|were|be|and)\s)[\w'’&-]+\s){1,4}here\s*[.»>→]*", re.IGNORECASE
)


def begins_access(text: str) -> bool:
    """Whether a text begins as link words do: with "Read", "Click", "Download"."""
    return bool(_BEGINS.match(text))


def is_access(text: str, linked: bool = False) -> bool:
    """Whether a line is link words: "Access the article here.", "Read more »".

    Longer lines are only taken where they are linked or say "here"; a sentence that merely begins
    with "See" is none.
    """
    words = text.split()
    if not words or len(words) > 22:
        return False
    if _WAY_HERE.fullmatch(text) and not linked:
        return True
    if not _BEGINS.match(text):
        return linked and len(words) <= 12 and bool(_INSIDE.search(text))
    if len(words) <= 4 and _SHORT.match(text):
        return True
    return bool(_INSIDE.search(text)) or linked


def is_address(text: str) -> bool:
    """Whether a line is nothing but an address."""
    return bool(re.fullmatch(r"[<(\[]?\s*(?:https?://|www\.)\S+\s*[>)\]]?", text.strip()))

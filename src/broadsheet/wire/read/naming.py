"""The source's name as a reader would print it, and the language of a text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from broadsheet.wire import urls
from broadsheet.wire.beat import Beat, BeatSource
from broadsheet.wire.read.detector import detector
from broadsheet.wire.read.document import Document, Node, kinds, words

_SLOGAN = re.compile(r"\s+(?:[|–—:·»]|-{1,2}|::)\s+.*$|\s*\|.*$")
_HANS = frozenset(
    "这为国说来们时对会过从后发经还进动没学样现开间问题长门见关东车书马鸟鱼龙汉语话谁请认识让该应难买卖听读写边远运动医药农产业务处员听声电视网络传统"
)
_HANT = frozenset(
    "這為國說來們時對會過從後發經還進動沒學樣現開間問題長門見關東車書馬鳥魚龍漢語話誰請認識讓該應難買賣聽讀寫邊遠運醫藥農產業務處員聲電視網絡傳統臺灣"
)
_HAN = re.compile("[\u4e00-\u9fff]")
_NOT_HAN = re.compile("[\u3040-\u30ff\uac00-\ud7a3]")  # kana and Hangul: Japanese or Korean
_SAMPLE = 1_000  # characters: .958 right at 3,000 texts a second (py3langid 0.4, on news)


def source(document: Document, article: Node | None, beat: Beat | None, host: str) -> str | None:
    """The outlet's name: the beat's source list, linked data's publisher, og:site_name, the host.

    Cut of slogans ("The Example | News from ..."). The host stands in where no name is found.
    """
    listed = known(beat, host)
    if listed:
        return listed
    found = []
    publisher = document.resolved(article.get("publisher")) if article else None
    found.append(words(publisher))
    found += document.metas.get("og:site_name", [])
    for node in document.nodes:
        if kinds(node) & {"NewsMediaOrganization"} or (
            "Organization" in kinds(node) and "logo" in node
        ):
            found.append(words(node.get("name")))
    found += [
        document.meta(
            "application-name",
            "apple-mobile-web-app-title",
            "publisher",
            "dc.publisher",
            "copyright",
        )
        or ""
    ]
    for name in found:
        clean = _clean(name)
        if clean:
            return clean
    return host or None


def known(beat: Beat | None, host: str) -> str | None:
    """The name that the beat's source list gives a host, without remarks: "UN News, human rights"."""
    for one in _listed(beat, host):
        return re.sub(r"\s*\([^)]*\)$", "", one.name).split(", ")[0]
    return None


def zone(beat: Beat | None, host: str) -> str | None:
    """The time zone that the beat's source list gives a host, as an IANA name."""
    return next((one.zone for one in _listed(beat, host) if one.zone), None)


def _listed(beat: Beat | None, host: str) -> Sequence[BeatSource]:
    if not beat or not host or host in _SHARED_HOSTS:
        return ()
    kept = _by_host.get(id(beat))
    if kept is None or kept[0] is not beat:
        if len(_by_host) >= 8:
            _by_host.clear()
        kept = _by_host[id(beat)] = (beat, defaultdict(list))
        for one in beat.sources:
            kept[1][urls.host(one.url)].append(one)
    return kept[1].get(host, ())


# A beat's sources by their hosts: to look through the list took a sixth of the time of every page.
_by_host: dict[int, tuple[Beat, dict[str, list[BeatSource]]]] = {}
_SHARED_HOSTS = {"news.google.com", "feeds.feedburner.com"}  # hosts of many outlets' feeds


def _clean(name: str) -> str:
    name = _SLOGAN.sub("", " ".join(words(name).split())).strip(" -–—|:·")
    name = re.sub(r"^(?:©|\(c\)|copyright)\s*(?:\d{4})?\s*", "", name, flags=re.IGNORECASE)
    if not 1 < len(name) <= 60 or name.startswith(("http", "@", "/")):
        return ""
    return name


def language(text: str, lang: str | None) -> str | None:
    """The language of a text as ISO 639-1, Chinese as zh-Hant or zh-Hans; None for too few words.

    The detector sees the first 1,000 characters. `lang` (what the page says) is believed where the text
    is short, or where the detector is between two near relatives.
    """
    sample = text[:_SAMPLE]
    stated = (lang or "").replace("_", "-").lower().split("-")[0][:3]
    stated = stated if re.fullmatch(r"[a-z]{2}", stated) else ""
    if not sample.strip():
        return stated or None
    if len(_HAN.findall(sample)) * 3 > len(sample.replace(" ", "")) and not _NOT_HAN.search(sample):
        return _chinese(text[:20_000], lang)
    code, sure = detector().classify(sample)
    if stated and stated != code and (sure < 0.9 or len(sample) < 60 or _kin(stated, code)):
        return stated
    return str(code)


_KIN = (
    {"no", "nb", "nn", "da"},
    {"hr", "bs", "sr"},
    {"id", "ms"},
    {"zu", "xh"},
    {"gl", "pt", "es"},
    {"cs", "sk"},
    {"ru", "uk", "bg"},
    {"de", "lb"},
    {"nl", "af"},
    {"da", "kl"},
)


def _kin(one: str, other: str) -> bool:
    return any(one in kin and other in kin for kin in _KIN)


def _chinese(text: str, lang: str | None) -> str:
    simple = sum(c in _ONLY_HANS for c in text)
    full = sum(c in _ONLY_HANT for c in text)
    if simple == full:
        low = (lang or "").lower()
        return "zh-Hant" if any(part in low for part in ("hant", "tw", "hk", "mo")) else "zh-Hans"
    return "zh-Hant" if full > simple else "zh-Hans"


_ONLY_HANS, _ONLY_HANT = _HANS - _HANT, _HANT - _HANS

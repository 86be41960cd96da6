"""The press's own words, in the languages it can print; editors' words are never translated."""

from __future__ import annotations

from typing import Final

_EN: Final = {
    "date": "Date",
    "source": "Source",
    "credits": "Image credits",
    "licence": "Licence",
    "picture_at_source": "The picture stands with the article at its source.",
    "picture": "Picture",
    "their_headline": "Headline at the source",
    "note": "Editor’s note",
    "content_note": "Content note",
    "footnotes": "Notes",
    "sample": "This is an invented sample. Its events, outlets and people do not exist.",
    "skip": "Skip to the issue",
    "web": "Read this issue on the web",
    "archive": "Past issues",
    "all_issues": "All issues",
    "search": "Search",
    "subscribe": "Get it by mail",
    "follow": "Follow by feed",
    "leave_quickly": "Leave this site quickly",
    "preferences": "Change what you receive",
    "unsubscribe": "Unsubscribe",
    "hotline": "Help and advice",
    "read_in": "Read in {language}",
    "version": "Corrected: version {version}",
    "untitled": "Untitled",
    "colon": ": ",
}
_ZH_HANT: Final = {
    "date": "日期",
    "source": "來源",
    "credits": "圖片來源",
    "licence": "授權",
    "picture_at_source": "圖片刊於原文網頁。",
    "picture": "圖片",
    "their_headline": "原標題",
    "note": "編者按",
    "content_note": "內容提示",
    "footnotes": "註",
    "sample": "此為虛構樣本，當中的事件、媒體及人物均不存在。",
    "skip": "跳至內容",
    "web": "在網頁上閱讀本期",
    "archive": "過往各期",
    "all_issues": "所有期數",
    "search": "搜尋",
    "subscribe": "以電郵收取",
    "follow": "以 Feed 訂閱",
    "leave_quickly": "快速離開本網站",
    "preferences": "更改訂閱設定",
    "unsubscribe": "取消訂閱",
    "hotline": "求助熱線",
    "read_in": "閱讀{language}版",
    "version": "更正版：第 {version} 版",
    "untitled": "無題",
    "colon": "：",
}
LANGUAGES: Final = {"en": _EN, "zh-hant": _ZH_HANT, "zh-hk": _ZH_HANT, "zh-tw": _ZH_HANT}
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "sd", "ug", "yi", "dv", "ckb"})


def of(language: str) -> dict[str, str]:
    """The words for a language tag; English where we have none."""
    tag = language.lower().replace("_", "-")
    return LANGUAGES.get(tag) or LANGUAGES.get("-".join(tag.split("-")[:2])) or _EN


def direction(language: str) -> str:
    """ "rtl" or "ltr", for the `dir` attribute."""
    return "rtl" if language.lower().split("-")[0] in _RIGHT_TO_LEFT else "ltr"

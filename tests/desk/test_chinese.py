"""The desk and the readers' pages in Traditional Chinese: whole, alike in placeholders, and right in `lang`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from broadsheet.desk import shown, stages
from broadsheet.news.models import BY_HAND
from broadsheet.wire import beat as beats
from broadsheet.wire import judge, summarise
from broadsheet.wire import tag as tags
from broadsheet.wire.model import Conflict, Count, row
from tests import make, messages

pytestmark = pytest.mark.django_db

# What is put in: %(name)s and %(name)d, {name}, and a % that stands for itself. Tags and keys stay too.
_PLACE = re.compile(r"%\(\w+\)(?:\.\d+)?[sdf]|%%|\{\w*(?:![rs])?\}|</?[a-z][^>]*>")
# English that stands in templates by itself: names, and what is typed or copied as it stands.
_NAMES = {"Atom", "RSS", "JSON", "JSON Feed", "CSV", "· Broadsheet", "Broadsheet", "index"}
_MARKUP = re.compile(
    r"\{#.*?#\}"
    r"|\{% *comment.*?endcomment *%\}"
    r"|\{% *blocktrans(?:late)?\b.*?\{% *endblocktrans(?:late)? *%\}"
    r"|\{%.*?%\}|\{\{.*?\}\}"
    r"|<(script|style|code|kbd)\b.*?</\1>"
    r"|hx-\w+=\"[^\"]*\"|&lt;.*?&gt;|<!--.*?-->",
    re.DOTALL,
)
_SAID = re.compile(
    r"\b(?:aria-label|title|placeholder|alt|label|data-label)=([\"'])(.*?)\1", re.DOTALL
)


@pytest.fixture(params=messages.LANGUAGES)
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return messages.kept(request.param)


@pytest.fixture
def chinese() -> Client:
    """An administrator who has chosen Chinese."""
    client = Client()
    client.force_login(make.editor(role="administrator", language="zh-hant"))
    return client


def _forms(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, tuple | list) else (message.string,)


def _ids(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if isinstance(message.id, tuple | list) else (message.id,)


# --- the catalogue -------------------------------------------------------------------------------


def test_all_words_on_screen_are_translated():
    for language in messages.LANGUAGES:
        lacking = messages.untranslated(messages.renewed(language))
        assert not lacking, (
            f"translate in {messages.path_of(language)}: {[m.id for m in lacking][:20]}"
        )


def test_the_catalogue_holds_what_is_said_and_nothing_else(catalog):
    now = {(m.id, m.context) for m in messages.gathered() if m.id}
    kept = {(m.id, m.context) for m in catalog if m.id}
    assert now - kept == set(), "run `make messages`"
    assert kept - now == set(), "run `make messages`"


def test_a_translation_keeps_what_is_put_in_and_the_tags(catalog):
    for message in catalog:
        if message.id:
            asked = set(_PLACE.findall(_ids(message)[-1]))
            for form in _forms(message):
                assert set(_PLACE.findall(form)) == asked, message.id


def test_a_translation_keeps_blanks_at_its_ends_only_where_words_are_joined(catalog):
    for message in catalog:
        if message.id:
            for form in _forms(message):
                assert form == form.strip() or form.endswith("\n"), message.id


def test_what_is_compiled_is_what_is_kept(catalog):
    path = messages.path_of(str(catalog.locale))
    assert path.with_suffix(".mo").read_bytes() == messages.compiled(catalog), "run `make messages`"


def test_no_simplified_character_and_no_half_width_comma_slips_in(catalog):
    simplified = set(
        "贩运强劳动订阅编辑发击设览阅读选择时间问题这个们为来对开关网页链连过还请说语言么"
    )
    traditional = set(
        "販運強勞動訂閱編輯發擊設覽閱讀選擇時間問題這個們為來對開關網頁鏈連過還請說語言麼"
    )
    for message in catalog:
        for form in _forms(message) if message.id else ():
            assert not set(form) & (simplified - traditional), form
            assert not re.search(r"[\u4e00-\u9fff],[\u4e00-\u9fff]", form), form


# --- the templates -------------------------------------------------------------------------------


def _templates() -> list[Path]:
    return sorted(
        p for part in ("desk", "archive") for p in (messages.SOURCE / part).rglob("*.html")
    )


def _bare(text: str) -> list[str]:
    """The words of a template that no translation sees."""
    text = _MARKUP.sub("", text)
    said = [match[2] for match in _SAID.finditer(text)]
    said += re.sub(r"<[^>]*>", "\n", text).split("\n")
    return [w.strip() for w in said if re.search(r"[A-Za-z]{2}", w) and w.strip() not in _NAMES]


@pytest.mark.parametrize("path", _templates(), ids=lambda p: p.name)
def test_no_template_has_english_that_cannot_be_translated(path):
    assert _bare(path.read_text()) == []


@pytest.mark.parametrize("path", _templates(), ids=lambda p: p.name)
def test_dates_in_templates_are_written_as_the_language_writes_them(path):
    assert re.findall(r"\|date:\"[^\"]* [^\"]*\"", path.read_text()) == []


def test_the_scan_sees_bare_words():
    assert _bare('<p title="Bare">Words</p>{% translate "Not these" %}') == ["Bare", "Words"]


# --- the pages -----------------------------------------------------------------------------------

PAGES = ("inbox", "issues", "sources", "new_source", "covered", "add", "learned", "account", "people", "log",
         "first_run", "subscribers", "mailing", "last_done", "searches", "leading", "factor")  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_the_desk_is_chinese_for_who_chose_it(name, chinese):
    make.story(headline="Couple charged over a domestic worker")
    page = chinese.get(reverse(f"desk:{name}"), follow=True).content.decode()
    assert '<html lang="zh-hant">' in page
    assert "跳至正文" in page
    words = re.sub(
        r"<(script|style|code|kbd|datalist|select)\b.*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL
    )
    assert len(re.findall(r"[\u4e00-\u9fff]", words)) > 60


def test_an_editor_chooses_the_language_on_the_account_page():
    client, who = Client(), make.editor(name="Mei")
    client.force_login(who)
    assert '<html lang="en-gb">' in client.get(reverse("desk:account")).content.decode()
    page = client.post(
        reverse("desk:language"), {"language": "zh-hant"}, follow=True
    ).content.decode()
    assert '<html lang="zh-hant">' in page
    assert "由現在起，編輯部以此語言顯示。" in page
    who.refresh_from_db()
    assert who.language == "zh-hant"
    back = client.post(
        reverse("desk:language"), {"language": "en-gb"}, follow=True
    ).content.decode()
    assert "The desk speaks this language to you from now on." in back
    assert client.post(reverse("desk:language"), {"language": "tlh"}).status_code == 422


def test_the_choice_goes_before_the_browser_and_the_browser_before_english():
    client = Client(headers={"accept-language": "zh-HK,zh;q=0.9,en;q=0.5"})
    assert '<html lang="zh-hant">' in client.get(reverse("desk:sign_in")).content.decode()
    client.force_login(make.editor(name="Ann", language="en-gb"))
    assert '<html lang="en-gb">' in client.get(reverse("desk:inbox"), follow=True).content.decode()
    other = Client(headers={"accept-language": "fr"})
    assert '<html lang="en-gb">' in other.get(reverse("desk:sign_in")).content.decode()


def test_public_pages_speak_the_language_that_the_address_asks_for_and_set_no_cookie():
    make.newsletter()
    answer = Client().get(reverse("archive:editions") + "?lang=zh-hant")
    assert "所有各期" in answer.content.decode()
    assert not answer.cookies
    assert "Accept-Language" in answer["Vary"]
    assert (
        "All issues"
        in Client().get(reverse("archive:editions") + "?lang=nonsense").content.decode()
    )


@pytest.mark.parametrize("tag", ["zh-Hant", "zh-HK", "zh-TW", "zh-MO"])
def test_a_reader_of_traditional_chinese_from_anywhere_is_spoken_to(tag):
    from broadsheet.mailing import preferences

    with translation.override(preferences.spoken(tag)):
        assert translation.gettext("Unsubscribe") == "取消訂閱"


def test_dates_places_and_codes_are_written_as_the_language_writes_them():
    with translation.override("zh-hant"):
        assert shown.month("2019-06") == "2019年6月"
        assert shown.day("2019-06-21") == "2019年6月21日"
        assert shown.place("HK") == "香港"
        assert shown.place("TH") == "泰國"
    with translation.override("en-gb"):
        assert shown.month("2019-06") == "June 2019"
        assert shown.place("HK") == "Hong Kong"
    assert shown.places_called("泰國") == shown.places_called("Thailand") == ["TH"]


def test_a_date_as_the_desk_shows_it_can_be_typed_again():
    from broadsheet.wire import dates

    kept = {"value": "2019-06-21", "precision": "day", "offset": None, "basis": "typed", "raw": ""}
    for tag, _name in settings.LANGUAGES:
        with translation.override(tag):
            again = dates.typed(shown.typed(kept))
            assert (again.value, again.precision.value) == ("2019-06-21", "day")


def test_how_a_feed_fares_is_told_in_the_language_of_the_page():
    from broadsheet.news import fares

    said = "The site turns us away. For 3 days, since 2 June 2026. It is tried once a month."
    assert fares.told(said) == said
    with translation.override("zh-hant"):
        assert (
            fares.told(said) == "該網站拒絕我們讀取。 已有 3 日，由 2 June 2026 起。 每月嘗試一次。"
        )
        assert fares.told("It brings 4.5 a week.") == "每週提供 4.5 篇。"
        assert fares.told("What nobody foresaw.") == "What nobody foresaw."


def test_what_the_stages_say_is_told_in_the_language_of_the_page():
    beat = beats.load(None)
    text = "A gang recruited 40 people and sold them into forced labour on boats, the court heard."
    notes = (
        *tags.tag(make.wire_article(headline="A trial", text=text), beat).notes,
        *judge.judge(make.wire_article(headline="", text="", description=None), beat).notes,
        "means: not stated, and not needed under 18",
        "language not covered: th",
        judge.second.told(0.83),
        judge.second.told(None),
        BY_HAND,
    )
    assert len(notes) == 9
    conflict = Conflict("workers", (Count(28, "甲報"), Count(1300, "乙報")))
    assert stages.disagreement(row(conflict)) == str(conflict)
    assert stages.disagreement("in the words of an older desk") == "in the words of an older desk"
    assert set(stages.COUNTED) == set(summarise.COUNTED)
    with translation.override("zh-hant"):
        assert stages.disagreement(row(conflict)) == "工人 28（甲報）或工人 1,300（乙報）"
        for said in (*notes, *stages.COUNTED.values(), stages.too_long(81)):
            assert not re.search("[a-z]", stages.note(str(said))), said
        assert stages.note("what nobody foresaw") == "what nobody foresaw"


def test_an_overrule_made_in_one_language_holds_in_the_other():
    from broadsheet.issues import overruling
    from broadsheet.issues.checking.model import Finding, Where
    from broadsheet.issues.checking.told import telling, told
    from broadsheet.wire.wording import Severity

    marks = set()
    for tag, _name in settings.LANGUAGES:
        with translation.override(tag):
            why = telling("The permission ended on %(day)s.", day="2019-06-01")
            marks.add(overruling.mark(Finding("r", Severity.WARN, Where("images", text=why), why)))
            words = told(why)
    assert words == "許可已於2019-06-01到期。"
    assert len(marks) == 1

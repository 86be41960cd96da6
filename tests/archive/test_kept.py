"""The cache before the public pages: what it keeps, what it never keeps, and for how long."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from broadsheet.archive import kept


class Made:
    """A view that counts how often it was asked."""

    def __init__(self, **headers: str) -> None:
        self.asked, self.headers = 0, {"Cache-Control": "public, max-age=300"} | headers

    def __call__(self, _request: HttpRequest) -> HttpResponse:
        self.asked += 1
        return HttpResponse(f"page {self.asked}", headers=self.headers)


def ask(pages: kept.Pages, path: str = "/", **headers: str) -> Any:
    return pages(RequestFactory().get(path, headers=headers))


def test_a_page_is_made_once_in_some_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(kept.time, "monotonic", lambda: now[0])
    made = Made()
    pages = kept.Pages(made)
    assert ask(pages).content == ask(pages).content == b"page 1"
    assert ask(pages)["Cache-Control"] == "public, max-age=300"
    now[0] += kept.SECONDS
    assert ask(pages).content == b"page 2"


@pytest.mark.parametrize("path", ["/?page=2", "/other/", "/search/?q=a"])
def test_no_page_answers_for_another(path: str) -> None:
    pages = kept.Pages(Made())
    assert ask(pages).content != ask(pages, path).content


@pytest.mark.parametrize(
    ("headers", "asked", "path"),
    [
        ({"Cache-Control": "private"}, {}, "/"), ({"Vary": "Cookie"}, {}, "/"), ({}, {"cache-control": "no-cache"}, "/"),
        ({}, {"range": "bytes=0-9"}, "/"), ({}, {}, "/desk/"),
    ],
)  # fmt: skip
def test_what_is_somebodys_own_is_never_kept(
    headers: dict[str, str], asked: dict[str, str], path: str
) -> None:
    made = Made(**headers)
    pages = kept.Pages(made)
    ask(pages, path, **asked)
    ask(pages, path, **asked)
    assert made.asked == 2


def test_a_page_in_one_language_does_not_answer_a_reader_of_another() -> None:
    pages = kept.Pages(Made())
    english = ask(pages, **{"accept-language": "en"}).content
    assert ask(pages, **{"accept-language": "zh-Hant"}).content != english
    assert ask(pages, **{"accept-language": "en"}).content == english


def test_who_has_the_page_is_told_so_without_its_being_made_again() -> None:
    made = Made(ETag='"abc"')
    pages = kept.Pages(made)
    ask(pages)
    told = ask(pages, **{"if-none-match": 'W/"abc", "other"'})
    assert (told.status_code, told.content, told["ETag"], made.asked) == (304, b"", '"abc"', 1)
    assert ask(pages, **{"if-none-match": '"older"'}).content == b"page 1"


def test_it_does_not_grow_for_ever() -> None:
    pages = kept.Pages(Made())
    for n in range(kept._MOST + 50):
        ask(pages, f"/search/?q={n}")
    assert len(pages.held) == kept._MOST

"""Write the files of the sample month from its stories: python -m broadsheet.sample.build

For developers, after a change to `stories/`, `outlets.yaml`, `templates/` or `drawings.py`. The same
stories give the same files; a test says so.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from broadsheet.sample import NOTICE
from broadsheet.sample.drawings import DRAWINGS

HERE = Path(__file__).parent
_FIRST_NUMBER = 41_000  # outlets that number their pages begin here
_FEED_TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
    "sitemap": "application/xml",
}
# The drawings are ours and free for everyone; some outlets say so in their markup, as real ones do.
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"


@dataclass(slots=True)
class Story:
    """A story as it is written down, joined with its outlet."""

    slug: str
    outlet: str
    headline: str
    description: str
    byline: str
    published: str | None
    paragraphs: list[str]
    about: str
    event: str | None
    picture: dict[str, str] | None
    paywalled: bool
    url: str = ""
    canonical: str = ""
    shown: str = ""
    more: dict[str, Any] = field(default_factory=dict)


def main(month: Path | None = None) -> None:
    """Write everything under `month`, by default the folder beside this file."""
    month = month or HERE / "month"
    outlets = _load(HERE / "outlets.yaml")
    stories = _stories(outlets["outlets"])
    _Press(month, outlets, stories).write()


def labels() -> dict[str, tuple[str, str | None]]:
    """For each page address what the story is about (relevant, off_beat or a near miss) and its event.

    What the writers of the sample meant, for tests; the desk never sees it.
    """
    stories = _stories(_load(HERE / "outlets.yaml")["outlets"])
    return {story.url: (story.about, story.event) for story in stories}


def _load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def _stories(outlets: dict[str, Any]) -> list[Story]:
    given = [
        told
        for path in sorted((HERE / "stories").glob("*.yaml"))
        for told in _load(path)["stories"]
    ]
    texts = {told["slug"]: told for told in given if "text" in told}
    stories = []
    for number, told in enumerate(given, start=_FIRST_NUMBER):
        story = Story(
            slug=told["slug"],
            outlet=told["outlet"],
            headline=told["headline"],
            description=_description(told, texts),
            byline=told["byline"],
            published=told["published"],
            paragraphs=_paragraphs(told, texts),
            about=told["about"],
            event=told.get("event"),
            picture=told.get("picture"),
            paywalled=told.get("paywalled", False),
        )
        _place(story, outlets[story.outlet], number)
        stories.append(story)
    if len({story.url for story in stories}) != len(stories):
        raise ValueError("two stories of the sample have one address")
    return stories


def _description(told: dict[str, Any], texts: dict[str, Any]) -> str:
    if "copy_of" not in told:
        return str(told["description"])
    return str(told.get("description", texts[told["copy_of"]]["description"]))


def _paragraphs(told: dict[str, Any], texts: dict[str, Any]) -> list[str]:
    """The paragraphs; a copy takes its agency's text, changes words, cuts it and may add a paragraph."""
    if "text" in told:
        return [part.strip() for part in told["text"].strip().split("\n\n")]
    text = texts[told["copy_of"]]["text"].strip()
    for old, new in told.get("changed", {}).items():
        if old not in text:
            raise ValueError(f"{told['slug']} changes {old!r}, which does not stand in the text")
        text = text.replace(old, new)
    parts = [part.strip() for part in text.split("\n\n")][: told["cut"]]
    return parts + ([told["added"]] if "added" in told else [])


def _place(story: Story, outlet: dict[str, Any], number: int) -> None:
    day = story.published or "2026-06-01"
    parts = {
        "slug": story.slug,
        "n": number,
        "y": day[:4],
        "m": day[5:7],
        "d": day[8:10],
    }
    story.url = outlet["home"] + outlet["path"].format(**parts)
    story.canonical = outlet["home"] + outlet.get("canonical", outlet["path"]).format(**parts)
    if story.published:
        moment = datetime.fromisoformat(story.published)
        if outlet["language"].startswith("zh"):
            story.shown = f"{moment.year}年{moment.month}月{moment.day}日"
        elif outlet["country"] == "US":
            story.shown = f"{moment:%B} {moment.day}, {moment.year}"
        else:
            story.shown = f"{moment.day} {moment:%B %Y}"


class _Press:
    """Writes pages, feeds, pictures and the manifest."""

    def __init__(self, month: Path, given: dict[str, Any], stories: list[Story]) -> None:
        self.month = month
        self.outlets: dict[str, Any] = given["outlets"]
        self.broken: list[dict[str, Any]] = given["broken"]
        self.wall: dict[str, Any] = given["wall"]
        self.stories = stories
        self.answers: list[dict[str, Any]] = []
        self.html = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=False,
            keep_trailing_newline=True,
        )

    def write(self) -> None:
        for file, drawing in DRAWINGS.items():
            self._file(f"pictures/{file}", drawing().png())
        for name in self.outlets:
            told = [story for story in self.stories if story.outlet == name]
            for story in told:
                self._page(name, story)
            if self.wall["outlet"] == name:
                self._wall(name, told)
            told.sort(key=lambda story: story.published or "", reverse=True)
            self._feed(name, told)
            for file in sorted({story.picture["file"] for story in told if story.picture}):
                at = f"{self.outlets[name]['home']}pictures/{file}"
                self._answer(at, f"pictures/{file}", "image/png", "picture")
        for one in self.broken:
            self._broken_feed(one)
        manifest = {
            "notice": NOTICE,
            "sources": [self._source(name) for name in self.outlets]
            + [self._source(one["outlet"], one) for one in self.broken],
            "answers": self.answers,
        }
        text = yaml.safe_dump(manifest, allow_unicode=True, sort_keys=False, width=200)
        self._file("manifest.yaml", f"# Written by build.py.\n{text}".encode())

    def _source(self, name: str, broken: dict[str, Any] | None = None) -> dict[str, Any]:
        outlet = self.outlets[name]
        feed = broken or outlet["feed"]
        return {
            "name": broken["name"] if broken else outlet["name"],
            "url": outlet["home"],
            "feed": outlet["home"] + feed["at"],
            "type": feed["type"],
            "language": outlet["language"],
            "country": outlet["country"],
            "zone": outlet["zone"],
            **({"broken": broken["what"]} if broken else {}),
        }

    def _page(self, name: str, story: Story) -> None:
        outlet = self.outlets[name]
        charset = outlet.get("charset", "utf-8")
        picture = None
        if story.picture:
            at = f"pictures/{story.picture['file']}"
            picture = {**story.picture, "url": outlet["home"] + at, "path": f"/{at}"}
        body = self.html.get_template(f"{outlet['template']}.html").render(
            charset=charset,
            notice=NOTICE,
            outlet=outlet["name"],
            home=outlet["home"],
            language=outlet["language"],
            headline=story.headline,
            description=story.description,
            byline=story.byline,
            published=story.published,
            shown=story.shown,
            canonical=story.canonical,
            paragraphs=story.paragraphs,
            paywalled=story.paywalled,
            picture=picture,
            ld=lambda graph: _linked_data(story, outlet, picture, graph=graph),
        )
        file = f"pages/{name}/{story.slug}.html"
        self._file(file, body.encode(charset))
        self._answer(story.url, file, f"text/html; charset={charset}", "page")

    def _wall(self, name: str, told: list[Story]) -> None:
        outlet = self.outlets[name]
        charset = outlet.get("charset", "utf-8")
        wall = Story(
            self.wall["slug"], name, self.wall["headline"], self.wall["description"], "",
            self.wall["published"], [], "relevant", None, None, paywalled=False,
        )  # fmt: skip
        _place(wall, outlet, 0)
        body = self.html.get_template("wall.html").render(charset=charset, notice=NOTICE)
        file = f"pages/{name}/{wall.slug}.html"
        self._file(file, body.encode(charset))
        self._answer(wall.url, file, f"text/html; charset={charset}", "page", status=403)
        told.append(wall)

    def _feed(self, name: str, told: list[Story]) -> None:
        outlet, feed = self.outlets[name], self.outlets[name]["feed"]
        same = feed.get("same_id", [])
        items = []
        for story in told:
            twin = same[0] if story.slug in same else story.slug
            items.append(
                {
                    "id": f"tag:{outlet['home'].split('/')[2]},2026:{twin}",
                    "url": story.url,
                    "headline": story.headline,
                    "description": story.description,
                    "byline": story.byline or outlet["name"],
                    "published": _instant(story.published),
                    "rfc": _mail_date(story.published),
                    "html": Markup("").join(
                        escape(Markup("<p>%s</p>") % part) for part in story.paragraphs
                    )
                    if feed.get("full_text")
                    else "",
                }
            )
        text = self._feed_text(outlet, feed, items)
        ending = "json" if feed["type"] == "json" else "xml"
        self._file(f"feeds/{name}.{ending}", text.encode())
        content_type = f"{_FEED_TYPES[feed['type']]}; charset=utf-8"
        at = outlet["home"] + feed["at"]
        self._answer(at, f"feeds/{name}.{ending}", content_type, "feed")
        front = self.html.get_template("front.html").render(
            outlet=outlet["name"],
            language=outlet["language"],
            feed=at,
            feed_type=_FEED_TYPES[feed["type"]],
            notice=NOTICE,
            lines=[{"url": item["url"], "headline": item["headline"]} for item in items],
        )
        self._file(f"pages/{name}/index.html", front.encode())
        self._answer(
            outlet["home"], f"pages/{name}/index.html", "text/html; charset=utf-8", "front"
        )

    def _feed_text(
        self, outlet: dict[str, Any], feed: dict[str, Any], items: list[dict[str, Any]]
    ) -> str:
        if feed["type"] == "json":
            whole = {
                "version": "https://jsonfeed.org/version/1.1",
                "title": outlet["name"],
                "home_page_url": outlet["home"],
                "description": NOTICE,
                "language": outlet["language"],
                "items": [
                    {
                        "id": item["id"],
                        "url": item["url"],
                        "title": item["headline"],
                        "summary": item["description"],
                        "content_text": item["description"],
                        "date_published": item["published"],
                        "authors": [{"name": item["byline"]}],
                    }
                    for item in items
                ],
            }
            return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
        return self.html.get_template(f"{feed['type']}.xml").render(
            outlet=outlet["name"],
            home=outlet["home"],
            language=outlet["language"],
            notice=NOTICE,
            items=items,
            updated=max(item["published"] or "" for item in items),
            full_text=feed.get("full_text", False),
        )

    def _broken_feed(self, one: dict[str, Any]) -> None:
        outlet = self.outlets[one["outlet"]]
        file = f"feeds/{one['outlet']}-{one['what']}.xml"
        if one["what"] == "html":
            front = (self.month / f"pages/{one['outlet']}/index.html").read_text(encoding="utf-8")
            # Without its link to the real feed, so that nothing can be found out from it.
            lines = [line for line in front.splitlines() if 'rel="alternate"' not in line]
            body, content_type = "\n".join(lines), "text/html; charset=utf-8"
        else:
            whole = (self.month / f"feeds/{one['outlet']}.xml").read_text(encoding="utf-8")
            content_type = "application/rss+xml; charset=utf-8"
            if one["what"] == "cut_short":
                body = whole[: whole.index("</item>", whole.index("</item>") + 1) + 40]
            else:
                body = self._feed_text(outlet, {"type": "rss"}, [_nothing()])
                body = body[: body.index("<item>")] + "</channel>\n</rss>\n"
        self._file(file, body.encode())
        self._answer(outlet["home"] + one["at"], file, content_type, "feed")

    def _answer(self, url: str, file: str, content_type: str, of: str, status: int = 200) -> None:
        said: dict[str, Any] = {"url": url, "file": file, "content_type": content_type, "of": of}
        self.answers.append(said | ({"status": status} if status != 200 else {}))

    def _file(self, name: str, body: bytes) -> None:
        path = self.month / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)


def _linked_data(
    story: Story, outlet: dict[str, Any], picture: dict[str, str] | None, *, graph: bool
) -> Markup:
    publisher = {"@type": "NewsMediaOrganization", "name": outlet["name"], "url": outlet["home"]}
    article: dict[str, Any] = {
        "@type": "NewsArticle",
        "headline": story.headline,
        "description": story.description,
        "datePublished": story.published,
        "author": {"@type": "Person", "name": story.byline},
        "publisher": publisher,
        "mainEntityOfPage": story.canonical,
        "inLanguage": outlet["language"],
        "isAccessibleForFree": not story.paywalled,
    }
    if picture:
        image = {"@type": "ImageObject", "url": picture["url"], "caption": picture["caption"]}
        if picture["credit"]:
            image |= {"creditText": picture["credit"], "license": CC0}
        article["image"] = image
    if graph:
        site = {"@type": "WebSite", "name": outlet["name"], "url": outlet["home"]}
        whole: dict[str, Any] = {"@context": "https://schema.org", "@graph": [site, article]}
    else:
        whole = {"@context": "https://schema.org"} | article
    # "<" is the one character that could end the script element
    return Markup(json.dumps(whole, ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S704


def _instant(published: str | None) -> str | None:
    """RFC 3339 for Atom; a bare day stands for its midnight in UTC, as many systems write it."""
    if published is None or len(published) > 10:
        return published and published.replace(published[16:], f":00{published[16:]}")
    return f"{published}T00:00:00Z"


def _mail_date(published: str | None) -> str | None:
    instant = _instant(published)
    return format_datetime(datetime.fromisoformat(instant)) if instant else None


def _nothing() -> dict[str, Any]:
    keys = ("id", "url", "headline", "description", "byline", "html", "rfc")
    return dict.fromkeys(keys, "") | {"published": None}


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)

"""WordPress exports (WXR): each published post -> lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from broadsheet.wire.errors import WireError
from broadsheet.wire.issuefile import page
from broadsheet.wire.issuefile.lines import Line, Source

_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


_BLOCKS = "h[1-6]|ul|ol|table|figure|blockquote|hr"
_SHORTCODES = re.compile(
    r"\[/?(?:gallery|embed|audio|video|playlist|button|contact-form)\b[^\]\n]{0,300}\]"
)


def read(data: bytes) -> Iterator[Source]:
    """Each published post with content, in the order of the file; the rest is passed over.

    WireError where the file is not XML even with repair.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, recover=True, huge_tree=True, remove_comments=True
    )
    root = etree.fromstring(data, parser)
    if root is None:
        raise WireError("This is not XML", at="the export")
    channel = root.find("channel")
    site = (channel.findtext("title") or "").strip() if channel is not None else ""
    # a page of a site ("About us") is no issue, unless the export holds nothing else
    kinds = {_wp(item, "post_type") for item in root.iter("item")}
    wanted = ("", "post") if kinds & {"", "post"} else ("page",)
    for item in root.iter("item"):
        kind = _wp(item, "post_type")
        if kind not in wanted or _wp(item, "status") not in ("", "publish"):
            continue
        html = item.findtext(_CONTENT) or item.findtext("description") or ""
        if not html.strip():
            continue
        title = " ".join((item.findtext("title") or "").split())
        source = page.read(_paragraphs(html).encode(), encoding="utf-8", base=item.findtext("link"))
        heading = (Line(title, level=1),) if title else ()
        yield replace(
            source,
            lines=(*heading, *source.lines),
            title=title,
            published=_wp(item, "post_date")[:10],
            newsletter=site,
        )


def _wp(item: etree._Element, name: str) -> str:
    """A value of WordPress's own namespace, whose version differs between exports."""
    for child in item:
        if (
            isinstance(child.tag, str)
            and child.tag.endswith("}" + name)
            and "wordpress.org" in child.tag
        ):
            return (child.text or "").strip()
    return ""


def _paragraphs(html: str) -> str:
    """Posts as kept have no paragraph elements: a blank line makes one (WordPress's wpautop)."""
    html = re.sub(
        r"\[caption[^\]]*\](.*?(?:</a>|/>|>))\s*(.*?)\[/caption\]",
        r"<figure>\1<figcaption>\2</figcaption></figure>",
        html.replace("\r\n", "\n"),
        flags=re.DOTALL,
    )
    html = (
        re.sub(r"\[/?[a-z_]+[^\]\n]{0,300}\]", "", html)
        if "[vc_" in html or "[et_pb" in html
        else _SHORTCODES.sub("", html)
    )
    if re.search(r"<p[\s>]", html):
        return html
    html = re.sub(rf"(<(?:{_BLOCKS})\b[^>]*>)", r"\n\n\1", html)
    html = re.sub(rf"(</(?:{_BLOCKS})>)", r"\1\n\n", html)
    blocks = re.split(r"\n\s*\n", html)
    made = []
    for block in blocks:
        if re.match(r"\s*</?(?:h[1-6]|ul|ol|li|table|div|figure|blockquote|hr|section)\b", block):
            made.append(block)
        else:
            made.append("<p>" + block.strip().replace("\n", "<br>") + "</p>")
    return "\n".join(made)

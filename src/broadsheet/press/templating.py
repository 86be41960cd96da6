"""The one Jinja2 environment of the press: autoescape on, undefined names are errors."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from broadsheet.press import markdown
from broadsheet.press.house import House
from broadsheet.press.proof import sentence_end


@cache
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["md"] = lambda source: Markup(markdown.html(source))  # noqa: S704 -- cleaned by nh3
    made.filters["stop"] = sentence_end
    return made


def render(template: str, **values: object) -> str:
    return environment().get_template(template).render(**values)


# CJK faces are only named where the language needs them: their Latin quotes are a full square wide,
# and a machine without Georgia would set English in them.
_SERIF = "Charter, 'Bitstream Charter', Georgia, 'Times New Roman', {}serif"
_MAIL_SERIF = "Georgia, 'Times New Roman', {}serif"
_SANS = "'Helvetica Neue', Helvetica, Arial, {}sans-serif"
_CJK_SERIF = {
    "zh-hans": "'Songti SC', 'Noto Serif CJK SC', SimSun, ",
    "zh": "'Songti TC', 'Noto Serif CJK TC', 'Noto Serif TC', PMingLiU, ",
    "ja": "'Hiragino Mincho ProN', 'Noto Serif CJK JP', 'Yu Mincho', ",
    "ko": "'Apple SD Gothic Neo', 'Noto Serif CJK KR', Batang, ",
}
_CJK_SANS = {
    "zh-hans": "'PingFang SC', 'Noto Sans CJK SC', 'Microsoft YaHei', ",
    "zh": "'PingFang TC', 'Noto Sans CJK TC', 'Microsoft JhengHei', ",
    "ja": "'Hiragino Sans', 'Noto Sans CJK JP', 'Yu Gothic', ",
    "ko": "'Apple SD Gothic Neo', 'Noto Sans CJK KR', 'Malgun Gothic', ",
}


def style(template: str, *, house: House, language: str = "en") -> Markup:
    """A style sheet of ours for a style element: only checked colours and our own names go into it."""
    tag = language.lower()
    names = ("zh-hans",) if tag.startswith(("zh-hans", "zh-cn", "zh-sg")) else (tag.split("-")[0],)
    serif, sans = _CJK_SERIF.get(names[0], ""), _CJK_SANS.get(names[0], "")
    base = _MAIL_SERIF if template.startswith("email") else _SERIF
    made = (
        environment()
        .get_template(template)
        .render(
            h=house,
            serif=Markup(base.format(serif)),  # noqa: S704 -- our own names, with their quotes
            sans=Markup(_SANS.format(sans)),  # noqa: S704
        )
    )
    return Markup(made)  # noqa: S704 -- our own file; colours are #rrggbb

"""The addresses of the API, what each takes and gives: read by the views and by the OpenAPI description.

One table for both, so that the description cannot say what the views do not do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

JSONObject = dict[str, Any]
MOST, USUAL = 100, 20  # rows on a page


class ParameterError(Exception):
    """A parameter is unknown, stands twice, or has a value that it cannot have."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query, with its JSON schema."""

    name: str
    says: str
    schema: JSONObject

    def read(self, given: str) -> str | int:
        """ParameterError where the schema does not allow it."""
        schema = self.schema
        if schema["type"] == "integer":
            if not re.fullmatch(r"-?[0-9]{1,9}", given):
                raise ParameterError(f"{self.name} is a whole number, not {given[:40]!r}.")
            number = int(given)
            if not schema["minimum"] <= number <= schema["maximum"]:
                raise ParameterError(
                    f"{self.name} is a number from {schema['minimum']} to {schema['maximum']}, not {number}."
                )
            return number
        if "enum" in schema and given not in schema["enum"]:
            raise ParameterError(f"{self.name} is one of {', '.join(schema['enum'])}.")
        if len(given) > schema.get("maxLength", 400):
            raise ParameterError(f"{self.name} is too long.")
        if "pattern" in schema and not re.search(schema["pattern"].replace("$", r"\Z"), given):
            raise ParameterError(f"{self.name} cannot be {given[:40]!r}: {self.says}.")
        return given


class Asked:
    """The parameters of a request, checked."""

    def __init__(self, values: Mapping[str, str | int]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        return str(self._values.get(name, ""))

    def number(self, name: str) -> int | None:
        value = self._values.get(name)
        return value if isinstance(value, int) else None

    @property
    def limit(self) -> int:
        return self.number("limit") or USUAL

    @property
    def page(self) -> int:
        return self.number("page") or 1

    @property
    def first(self) -> int:
        return (self.page - 1) * self.limit


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address of the API. `gives` names a schema; `many`: a page of such."""

    path: str
    says: str
    gives: str
    parameters: tuple[Parameter, ...] = ()
    inside: tuple[Parameter, ...] = ()  # in the path
    many: bool = False

    def read(self, given: QueryDict) -> Asked:
        """The parameters of a request. ParameterError names what is wrong."""
        known = {one.name: one for one in self.parameters}
        values: dict[str, str | int] = {}
        for name, several in given.lists():
            if name not in known:
                names = ", ".join(known) or "none"
                raise ParameterError(
                    f"There is no parameter {name[:40]!r} here; there are: {names}."
                )
            if len(several) > 1:
                raise ParameterError(f"{name} stands {len(several)} times; write it once.")
            values[name] = known[name].read(several[0])
        return Asked(values)


def _string(longest: int, **more: Any) -> JSONObject:
    return {
        "type": "string",
        "maxLength": longest,
        "pattern": "^[^\\u0000-\\u001f\\u007f]*$",
    } | more


_DAY = "^[12][0-9]{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"
_PAGED = (
    Parameter(
        "page",
        "which page, from 1",
        {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 1},
    ),
    Parameter(
        "limit",
        "rows on a page",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    ),
)
_KIND = Parameter(
    "kind", "the kind of item",
    {"type": "string", "enum": ["article", "highlight", "resource", "event", "notice"]},
)  # fmt: skip
_CODE = {"type": "string", "maxLength": 40, "pattern": "^[A-Z0-9_.]*$"}
_UID = Parameter(
    "uid", "as a list gave it", {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 64}
)
_Q = Parameter("q", "words to look for", _string(400))
_SECTOR = Parameter("sector", "a code of the taxonomy, such as SEC.AVI", _CODE)

ISSUES = Endpoint("issues/", "All issues, the newest first", "Issue", _PAGED, many=True)
ISSUE = Endpoint("issues/{uid}/", "One issue with sections and items", "WholeIssue", inside=(_UID,))
ITEMS = Endpoint(
    "items/", "All items, the newest first", "Item",
    (*_PAGED, _KIND, Parameter("issue", "the uid of an issue", _UID.schema)), many=True,
)  # fmt: skip
ITEM = Endpoint("items/{uid}/", "One item", "Item", inside=(_UID,))
RESOURCES = Endpoint(
    "resources/", "The library's shelf", "Resource",
    (
        *_PAGED, _Q, _SECTOR,
        Parameter("kind", "report, handbook, training, page, toolkit ...", _string(20)),
        Parameter("audience", "for whom it is, in the words of a resource", _string(120)),
        Parameter("language", "a language tag", _string(16)),
        Parameter("cost", "free or paid", {"type": "string", "enum": ["free", "paid"]}),
    ),
    many=True,
)  # fmt: skip
RESOURCE = Endpoint(
    "resources/{pk}/", "One resource", "Resource",
    inside=(Parameter("pk", "its number", {"type": "integer", "minimum": 1, "maximum": 10**9}),),
)  # fmt: skip
TIERS = Endpoint(
    "tiers/", "Tiers of the TIP Report; a year without a row is a gap", "Tier",
    (
        *_PAGED,
        Parameter("iso3", "three letters of ISO 3166-1", {"type": "string", "pattern": "^[A-Za-z]{3}$"}),
        Parameter("year", "of the edition", {"type": "integer", "minimum": 2001, "maximum": 2200}),
    ),
    many=True,
)  # fmt: skip
SEARCH = Endpoint(
    "search/", "Items and issues by words and filters", "Item",
    (
        # The search counts and pages through the first five hundred finds: who needs more narrows it.
        Parameter("page", _PAGED[0].says, _PAGED[0].schema | {"maximum": 1000}),
        _PAGED[1],
        Parameter("q", "words, \"phrases\", -without, OR, and filters such as place:Cambodia", _string(400)),
        Parameter("place", "two letters of ISO 3166-1", {"type": "string", "pattern": "^[A-Z]{2}$"}),
        Parameter("form", "a code of the taxonomy, such as LAB", _CODE),
        _SECTOR,
        Parameter("event", "a code of the taxonomy, such as EV.ARR", _CODE),
        Parameter("source", "the name of an outlet", _string(200)),
        _KIND,
        Parameter("from", "2019, 2019-06 or 2019-06-21", {"type": "string", "pattern": _DAY}),
        Parameter("to", "2019, 2019-06 or 2019-06-21", {"type": "string", "pattern": _DAY}),
        Parameter("sort", "best first, or new first", {"type": "string", "enum": ["best", "new"]}),
    ),
    many=True,
)  # fmt: skip
DESCRIPTION = Endpoint("openapi.json", "This description", "Description")
NOTHING = Endpoint("", "No such address", "Problem")
ALL = (ISSUES, ISSUE, ITEMS, ITEM, RESOURCES, RESOURCE, TIERS, SEARCH, DESCRIPTION)


# --- the description -----------------------------------------------------------------------------


def _object(**properties: JSONObject) -> JSONObject:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_TEXT: JSONObject = {"type": "string"}
_MAYBE: JSONObject = {"type": ["string", "null"]}
_NUMBER: JSONObject = {"type": "integer"}
_NAMES: JSONObject = {"type": "array", "items": _TEXT}


def _ref(name: str) -> JSONObject:
    return {"$ref": f"#/components/schemas/{name}"}


def _several(what: JSONObject) -> JSONObject:
    return {"type": "array", "items": what}


def _or_null(name: str) -> JSONObject:
    return {"anyOf": [_ref(name), {"type": "null"}]}


_ISSUE_HAS = {
    "uid": _TEXT, "title": _TEXT, "newsletter": _TEXT, "date": _or_null("Date"), "language": _TEXT,
    "version": _NUMBER, "published": {"type": "string", "format": "date-time"}, "items": _NAMES,
    "url": _TEXT,
}  # fmt: skip
_SCHEMAS: JSONObject = {
    "Date": {
        "type": "object",
        "description": "As exact as it is known: 2019, 2019-06, 2019-06-21 or with a minute.",
        "properties": {
            "value": _TEXT,
            "precision": {"type": "string", "enum": ["year", "month", "day", "minute"]},
            "raw": _TEXT, "offset": _MAYBE, "basis": _TEXT,
        },
        "required": ["value", "precision"],
    },
    "Link": _object(text=_TEXT, url=_MAYBE),
    "Image": _object(url=_MAYBE, alt=_MAYBE, caption=_MAYBE, credit=_MAYBE),
    "Codes": _object(form=_NAMES, sector=_NAMES, event=_NAMES),
    "Item": _object(
        uid=_TEXT, issue=_TEXT,
        kind={"type": "string", "enum": ["issue", "article", "highlight", "resource", "event", "notice"]},
        headline=_TEXT, our_heading=_MAYBE, date=_or_null("Date"), source=_MAYBE,
        summary={"type": "string", "description": "Restricted Markdown."}, note=_MAYBE,
        content_note=_MAYBE, links=_several(_ref("Link")), images=_several(_ref("Image")),
        codes=_ref("Codes"), places=_NAMES, url=_TEXT,
    ),
    "Issue": _object(**_ISSUE_HAS),
    "Section": _object(heading=_MAYBE, intro=_MAYBE, items=_several(_ref("Item"))),
    "WholeIssue": _object(**_ISSUE_HAS, sections=_several(_ref("Section"))),
    "Resource": _object(
        id=_NUMBER, title=_TEXT, publisher=_TEXT, kind=_TEXT, description=_TEXT, sectors=_NAMES,
        date=_or_null("Date"), language=_TEXT, audience=_TEXT, cost=_TEXT, address=_TEXT,
        address_status=_TEXT, checked=_MAYBE, url=_TEXT,
    ),
    "Tier": _object(
        iso3=_TEXT, country=_TEXT, year=_NUMBER,
        tier={"type": "string", "enum": ["1", "2", "2WL", "3", "SC"]},
        label=_TEXT, status=_TEXT, source=_TEXT,
    ),
    "Problem": _object(type=_TEXT, title=_TEXT, status=_NUMBER, detail=_TEXT),
    "Description": {"type": "object"},
}  # fmt: skip


def openapi(address: str) -> JSONObject:
    """The description of the API, for programs that write programs."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Broadsheet archive",
            "version": "1",
            "description": (
                "Read only. What is counted here is coverage, not crime. Items that were withdrawn are "
                "gone from here too: keep no copies longer than you need, and ask again."
            ),
        },
        "servers": [{"url": f"{address}/api/v1"}],
        "paths": {f"/{one.path}": {"get": _operation(one)} for one in ALL},
        "components": {"schemas": _SCHEMAS},
    }


def _operation(one: Endpoint) -> JSONObject:
    gives: JSONObject = _ref(one.gives)
    if one.many:
        counted = _object(total=_NUMBER, page=_NUMBER, limit=_NUMBER, results=_several(gives))
        if one is SEARCH:
            more = {"relaxed": {"type": "boolean"}, "missing": _NAMES}
            counted["properties"] |= more
            counted["required"] += list(more)
        gives = counted
    problems = {
        "400": "A parameter is wrong",
        "405": "Not GET",
        "429": "Too many requests in a minute",
    }
    if one.inside:
        problems["404"] = "There is no such thing, or no longer"
    return {
        "operationId": re.sub(r"\W+", "_", one.path).strip("_"),
        "summary": one.says,
        "parameters": [
            {"name": p.name, "in": where, "description": p.says, "schema": p.schema}
            | ({"required": True} if where == "path" else {})
            for where, several in (("path", one.inside), ("query", one.parameters))
            for p in several
        ],
        "responses": {
            "200": {"description": one.says, "content": {"application/json": {"schema": gives}}},
        }
        | {
            status: {
                "description": says,
                "content": {"application/problem+json": {"schema": _ref("Problem")}},
            }
            for status, says in problems.items()
        },
    }

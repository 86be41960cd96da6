"""Gathers the words on screen into the catalogue of each language, and compiles it: `make messages`.

With Babel, which the desk has anyway, so that no part of the system is needed. Words of Python and of
templates are found where they stand; labels of the shipped beat are data, and come from its taxonomy.
What nobody says any more falls out; what is new stands untranslated at its place, and a test names it.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.utils.translation.template import templatize

from broadsheet.news import fares
from broadsheet.wire import beat as beats

SOURCE = Path(__file__).parent.parent / "src" / "broadsheet"
LOCALE = SOURCE / "locale"
LANGUAGES = ("zh_Hant",)
# As Django's own names say what they take; `_`, `lazy` and `telling` are ours for the first of them.
_ONE, _PLURAL, _CONTEXT, _BOTH = (1,), (1, 2), ((1, "c"), 2), ((1, "c"), 2, 3)
KEYWORDS = {
    **dict.fromkeys(("_", "lazy", "gettext", "gettext_lazy", "gettext_noop", "telling"), _ONE),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), _PLURAL),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), _CONTEXT),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), _BOTH),
}
# The press prints with words of its own, in the language of the edition.
_NOT_OURS = ("press", "sample", "wire")


def _files() -> Iterator[tuple[Path, str]]:
    """Each file with words on screen, and what of it can be read as Python."""
    for path in sorted([*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html")]):
        if path.relative_to(SOURCE).parts[0] in _NOT_OURS or "migrations" in path.parts:
            continue
        text = path.read_text()
        if path.suffix == ".html":
            text = "\n".join(line.lstrip() for line in templatize(text).splitlines())
        yield path, text


def labels() -> Iterator[tuple[str, str]]:
    """What the desk shows of data, and where that stands: the labels of the shipped beat, why its rules of
    wording speak, how feeds fare, and what the choices of our tables are called."""
    beat, folder = beats.load(None), "beats/human_trafficking"
    for code in beat.taxonomy.codes():
        yield code.label, f"{folder}/taxonomy.yaml"
    for rule in beat.rules:
        yield rule.why, f"{folder}/language.yaml"
    for limb in beat.tagging["limbs"]:
        yield limb["name"], f"{folder}/tag.yaml"
    for sentence in fares.sentences():
        yield sentence, "wire/collect/health.py"
    for model in apps.get_models():
        if model.__module__.startswith("broadsheet."):
            for field in model._meta.get_fields():
                for _value, label in getattr(field, "choices", None) or ():
                    if label:
                        yield str(label), "the choices of " + model._meta.label


def gathered() -> Catalog:
    """All words on screen, without a translation."""
    catalog = Catalog(project="Broadsheet", charset="utf-8")
    for path, text in _files():
        where = path.relative_to(SOURCE).as_posix()
        for _line, found, _comments, context in extract(
            "python", io.BytesIO(text.encode()), keywords=KEYWORDS
        ):
            catalog.add(found, locations=[(where, None)], context=context)
    for label, where in labels():
        if label:
            catalog.add(label, locations=[(where, None)])
    return catalog


def path_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def kept(language: str) -> Catalog:
    """The catalogue in the repository; an empty one where there is none yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, project="Broadsheet", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def renewed(language: str) -> Catalog:
    """The catalogue with what is said today: translations kept, the new empty, the old gone."""
    old, new = kept(language), Catalog(locale=language, project="Broadsheet", charset="utf-8")
    new.creation_date = old.creation_date  # so that the same words give the same file
    for message in gathered():
        if not message.id:
            continue
        known = old.get(message.id, message.context)
        new.add(
            message.id,
            known.string if known and not known.fuzzy else None,
            locations=sorted(set(message.locations)),
            flags=message.flags,
            context=message.context,
        )
    return new


def untranslated(catalog: Catalog) -> list[Message]:
    return [one for one in catalog if one.id and not all(_forms(one))]


def _forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple | list) else (message.string,)


def compiled(catalog: Catalog) -> bytes:
    """As gettext reads it."""
    made = io.BytesIO()
    write_mo(made, catalog)
    return made.getvalue()


def write(language: str, catalog: Catalog) -> None:
    """Keep a catalogue and what is compiled of it."""
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog.mime_headers = [
        ("Project-Id-Version", "Broadsheet"),
        ("Language", language),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
        ("Plural-Forms", catalog.plural_forms),
    ]
    made = io.BytesIO()
    write_po(made, catalog, width=100, sort_output=True, include_lineno=False)
    path.write_bytes(made.getvalue())
    path.with_suffix(".mo").write_bytes(compiled(catalog))


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    for language in LANGUAGES:
        catalog = renewed(language)
        write(language, catalog)
        lacking = untranslated(catalog)
        print(f"{language}: {len(catalog)} messages, {len(lacking)} without a translation")
        for message in lacking:
            print(f"  {message.id!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

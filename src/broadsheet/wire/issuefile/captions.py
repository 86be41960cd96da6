"""Captions and credits of pictures."""

# ruff: noqa: E501 -- long patterns read worse when they are cut

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

_CREDIT = re.compile(
    r"(?P<label>\b(?:(?:image|photo(?:graph)?|picture|pic|illustration|graphic|cover|foto|video|bild|imagen|imagem)s?\s+"
    r"(?:credits?|sources?|courtesy(?: of)?|copyright|by|via|from)|credits?|courtesy of|"
    r"(?:photo(?:graph)?|image|picture|pic|illustration|graphic|file photo|file picture)s?(?=\s*[:：/])|"
    r"(?:foto(?:graf[íi]a|grafia)?s?|im[áa]ge[nm]s?|immagine|bild|abbildung|crédits?(?: photo)?|cr[ée]ditos?|gambar|写真|撮影)(?=\s*[:：/©])|photographer|圖片來源|相片來源|圖片提供|圖片|圖|攝影|相片)\s*[:：/–—-]?\s*|©\s*)",
    re.IGNORECASE,
)
_CREDIT_IN_BRACKETS = re.compile(
    r"[(（\[]\s*(?P<credit>(?:(?:photo|image|picture|credit|photograph|source|courtesy)[^()（）]{0,80}|"
    r"[^()（）]{0,40}\b(?:AFP|AP|Reuters|EPA|Getty(?: Images)?|Xinhua|Shutterstock|iStock|Unsplash|Pixabay|"
    r"Alamy|Flickr|Handout|Bloomberg|Wikimedia(?: Commons)?)\b[^()（）]{0,40}|"
    r"[^()（）]{2,60}\b(?:photos?|pictures?|image)))[)）\]]\s*\.?\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Credit:
    """A caption and whom the picture is from."""

    caption: str
    credit: str


@functools.lru_cache(maxsize=4096)
def credit(text: str, *, beside_picture: bool = False) -> Credit | None:
    """Caption and credit of a line such as "Nets at the pier. Image credits: AFP, via SCMP".

    A line without a label is only taken where it stands beside a picture and ends in a bracket
    with an agency's name.
    """
    if len(text) > 600:
        return None
    match = None
    for found in _CREDIT.finditer(text):
        before = text[: found.start()].rstrip()
        if (
            not before
            or before[-1] in '.!?)(（[|–—-:\n,;。” "”/'
            or beside_picture
            or found["label"][:1].isupper()
        ):
            match = found
            break
    if match and match.end() < len(text):
        rest = text[match.end() :].strip(" \t\n.:：)）]")
        before = text[: match.start()].rstrip(" \t\n(（[|–—-/,;")
        plain = re.match(
            r"(?i)(?:photo|image|picture|pic|illustration|graphic|foto(?:graf[íi]a)?|imagen|imagem|bild|圖片?|相片|写真)s?\s*[:：/]",
            match[0],
        )
        if before or not plain or len(rest.split()) <= 8:
            return Credit(before.strip(), rest) if len(rest.split()) <= 20 else None
    bracket = _CREDIT_IN_BRACKETS.search(text)
    if bracket and (
        beside_picture or re.match(r"(?i)photo|image|picture|credit", bracket["credit"])
    ):
        inner = re.sub(
            r"(?i)^(?:(?:photo|image|picture|photograph)s?(?:\s+(?:credits?|by|courtesy of|via))?|credits?|"
            r"courtesy(?: of)?|source)\s*[:：/]?\s*",
            "",
            bracket["credit"],
        ).strip()
        inner = re.sub(r"(?i)\s+(?:file )?(?:photos?|pictures?|image)$", "", inner)
        return Credit(text[: bracket.start()].strip(), inner) if inner else None
    return None

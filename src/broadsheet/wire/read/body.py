"""The text of an article. trafilatura finds it; what it misses is mended with the linked data."""

from __future__ import annotations

import logging
import re

from trafilatura import bare_extraction
from trafilatura.settings import Document as TheirDocument
from trafilatura.settings import Extractor

from broadsheet.wire.read.document import Document

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it warns of is in our failures
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def text(document: Document, headline: str) -> str:
    """The article's text, paragraph by paragraph; empty where none is found. Leaves the tree alone."""
    options = Extractor(comments=False, precision=True, output_format="python", url=document.url)
    found = bare_extraction(document.tree, options=options)
    lines = (found.text or "").strip().split("\n") if isinstance(found, TheirDocument) else []
    if lines and _bare(lines[0]) == _bare(headline):
        lines = lines[1:]
    return "\n".join(lines).strip()


def _bare(line: str) -> str:
    return re.sub(r"[\W_]+", "", line).lower()

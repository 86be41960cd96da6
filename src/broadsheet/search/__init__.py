"""Full-text search: one tokenising, one grammar, one index that works alike on SQLite and PostgreSQL.

How a face or an app gets a search of its own:

1.  Name an index, beside the rows it is about: `WORDS = Index("news_article_words")`, and make its
    table in a migration: `migrations.RunPython(WORDS.create, WORDS.drop)`.
2.  Whoever writes a row tells the index, in the same transaction: `WORDS.put([Document(...)])`, and
    `WORDS.remove([pk])` where the row or its words go. No signals: the caller tells all. A document
    has a head, a body, and *facets*: exact marks (a month, a section) that narrow a match within
    the index, so that a common word in 200,000 texts costs no more than in the month's own.
3.  Read what somebody typed with `grammar.read(query, keys)`: an expression of words, phrases,
    filters, OR, NOT, or a `QueryError` that says what is wrong and where.
4.  Turn the expression into a `Q` with `conditions.where(node, text=..., filtered=...)`: `text` is asked
    with the words that must occur together, most often `Q(pk__in=WORDS.matching(words, facets))`;
    `filtered` with each `key:value`.

Words are folded (NFKC, case, Latin accents) and those of scripts that set no blanks between words
(Chinese, Japanese, Thai, Lao, Khmer, Burmese) are kept as pairs of characters, here and in Python, so that
both databases see the same tokens: SQLite in FTS5, PostgreSQL in a tsvector.
"""

from broadsheet.search.grammar import (
    And,
    Filter,
    Key,
    Node,
    Not,
    Or,
    QueryError,
    Text,
    read,
    spelled,
)
from broadsheet.search.index import Document, Index

__all__ = [
    "And",
    "Document",
    "Filter",
    "Index",
    "Key",
    "Node",
    "Not",
    "Or",
    "QueryError",
    "Text",
    "read",
    "spelled",
]

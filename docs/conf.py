"""The documentation as a site: `make docs` builds it into build/docs, where a warning is an error.

The pages are the Markdown files of this folder, read as they are. Nothing is fetched by the build, and
nothing by a page that it makes: no letters, scripts or counters from elsewhere.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_site"))

project = "Broadsheet"
release = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "version"
]
html_title = "Broadsheet"
copyright = "The Broadsheet developers, Apache License 2.0"  # noqa: A001 -- Sphinx's own name

extensions = ["myst_parser", "commands"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["pictures/*.py", "_site"]
myst_heading_anchors = 3
# An address within a page that the whole site does not know is a mistake; one on the desk is none.
nitpicky = True
# Examples hold output and made-up notations that no highlighter knows.
highlight_language = "none"

html_theme = "furo"
html_static_path = ["_site/static"]
html_favicon = "_site/static/icon.svg"
html_copy_source = False
html_show_sphinx = False
html_last_updated_fmt = None  # the same bytes on every day
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#7c2d12", "color-brand-content": "#7c2d12"},
    "dark_css_variables": {"color-brand-primary": "#fdba74", "color-brand-content": "#fdba74"},
    "footer_icons": [],
}

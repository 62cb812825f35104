"""How the manual is built."""

from __future__ import annotations

from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING

from tsnode.config.reference import render_reference
from tsnode.model.counters import Counters

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "tsnode"
author = "the tsnode contributors"
copyright = author
release = version = installed_version("tsnode")

extensions = ["sphinx.ext.doctest"]
nitpicky = True
exclude_patterns = ["_build"]

html_theme = "alabaster"
html_theme_options = {"description": "A caching HTTP proxy node for cache hierarchies.", "fixed_sidebar": True}
html_sidebars = {"**": ["about.html", "navigation.html", "searchbox.html"]}


def render_counters() -> str:
    """Every counter with its sentence, as a definition list."""
    return "\n".join(f"``{name}``\n    {text}\n" for name, _, text in Counters().read())


GENERATED = {"reference/counters": render_counters, "reference/records": render_reference}
"""What stands at the end of which page; made from the tables that the code itself uses."""


def _append_generated(app: Sphinx, page: str, source: list[str]) -> None:
    if page in GENERATED:
        source[0] += "\n" + GENERATED[page]()


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", _append_generated)

"""How the manual is built."""

from __future__ import annotations

from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING

from tsnode.config.reference import render_keys, render_log_fields, render_reference
from tsnode.config.reference_files import render_file
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


GENERATED = {
    "reference/cache-config": lambda: render_file("cache.config"),
    "reference/congestion-config": lambda: render_file("congestion.config"),
    "reference/counters": render_counters,
    "reference/hosting-config": lambda: render_file("hosting.config"),
    "reference/icp-config": lambda: render_file("icp.config"),
    "reference/ip-allow": lambda: render_file("ip_allow.yaml"),
    "reference/logging-yaml": lambda: f"{render_file('logging.yaml')}\n{render_log_fields()}",
    "reference/parent-config": lambda: render_file("parent.config"),
    "reference/records": render_reference,
    "reference/records-yaml": render_keys,
    "reference/remap-config": lambda: render_file("remap.config"),
    "reference/ssl-multicert-config": lambda: render_file("ssl_multicert.config"),
    "reference/storage-config": lambda: render_file("storage.config"),
    "reference/update-config": lambda: render_file("update.config"),
    "reference/volume-config": lambda: render_file("volume.config"),
}
"""What stands at the end of which page; made from the tables that the code itself uses."""


def _append_generated(app: Sphinx, page: str, source: list[str]) -> None:
    if page in GENERATED:
        source[0] += "\n" + GENERATED[page]()


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", _append_generated)

"""The docs as a site: each page under its kind, and nothing that its Markdown reads otherwise than GitHub's."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.code_blocks import PAGES
from tests.orders_table import ROOT

FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
KIND = re.compile(r"^\*([\w-]+)\.\*", re.MULTILINE)
LIST_IN_A_PARAGRAPH = re.compile(r"^(?![ \d|#<-])\S.*\n(?:- |\d+\. )", re.MULTILINE)
FENCE_IN_A_LIST = re.compile(r"^( +)```", re.MULTILINE)
TEXTS = {str(page.relative_to(ROOT)): page.read_text() for page in PAGES}


class _Loader(yaml.SafeLoader):
    """Reads over the names of Python functions."""


_Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda *_: None)


def navigation() -> dict[str, Any]:
    """The navigation's entries by their title."""
    settings = yaml.load((ROOT / "mkdocs.yml").read_text(), Loader=_Loader)
    return {title: entry for part in settings["nav"] for title, entry in part.items()}


def pages_in(entry: Any) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    else:
        for part in entry:
            for below in part.values():
                yield from pages_in(below)


STATED = [
    (kind, page) for kind, entry in navigation().items() for page in pages_in(entry) if KIND.search(TEXTS.get(page, ""))
]


@pytest.mark.parametrize(("kind", "page"), STATED)
def test_a_page_is_under_the_kind_that_it_states(kind: str, page: str) -> None:
    stated = KIND.search(TEXTS[page])
    assert stated
    assert stated[1] == kind


def test_most_pages_state_a_kind() -> None:
    assert len(STATED) > 25


@pytest.mark.parametrize("page", TEXTS)
def test_a_list_has_an_empty_line_before_it(page: str) -> None:
    assert LIST_IN_A_PARAGRAPH.findall(FENCED.sub("", TEXTS[page])) == []


@pytest.mark.parametrize("page", TEXTS)
def test_a_block_in_a_list_is_indented_by_four(page: str) -> None:
    assert [indent for indent in FENCE_IN_A_LIST.findall(TEXTS[page]) if len(indent) % 4] == []

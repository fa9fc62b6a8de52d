"""The docs use the field's terms: what the glossary explains is used, and no word is private to this project."""

import re
from pathlib import Path

import pytest

from local.curl import calls
from local.stack import Stack
from tests.orders_table import ROOT

GLOSSARY = ROOT / "docs" / "glossary.md"
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
KINDS = ("Tutorial", "How-to", "Reference", "Explanation")
TERMS = re.findall(r"^\| ([^|]+) \| (?!meaning)[^-]", GLOSSARY.read_text(), re.MULTILINE)
# Words with a meaning in this project alone, unknown to readers from payments, DynamoDB or Python.
PRIVATE_WORDS = re.compile(
    r"""\b(?:
    as[ ]read | bites? | blindly | books | bounce[ds]? | couriers? | crew | deeds | explorer | foreign[ ]news
    | forgotten | gatehouses? | happenings? | hasten(?:ed)? | havoc | hears? | heard | hindsight | (?:im)?patience
    | keeper | misbehave[ds]? | misbehaviour | namesakes? | slander | stamp | story | strangers? | superseded
    | surroundings | tells? | tellers? | told | tempers? | traps | twists? | front[ ]doors?
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
# Prose only: identifiers in code are renamed with the code, and quotations stay as they are.
CODE = re.compile(r"```.*?```|`[^`]*`|<!--.*?-->", re.DOTALL)


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    return " ".join(CODE.sub(" ", page.read_text()).split())


def rest_of_the_docs() -> str:
    return " ".join(page.read_text().lower() for page in PAGES if page != GLOSSARY)


def test_the_glossary_is_sorted_and_has_each_term_once() -> None:
    assert sorted(set(TERMS), key=str.lower) == TERMS
    assert len(TERMS) > 40


@pytest.mark.parametrize("term", TERMS)
def test_every_term_of_the_glossary_is_used_elsewhere(term: str) -> None:
    assert re.search(rf"\b{re.escape(term)}", rest_of_the_docs())


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_has_no_private_words(page: Path) -> None:
    assert PRIVATE_WORDS.findall(prose(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_change_instruction_stands_only_on_the_page_about_its_document(page: Path) -> None:
    assert ("change instruction" in prose(page)) == (page.name == "units.md")


@pytest.mark.parametrize("page", PAGES[1:], ids=name_of)
def test_a_page_states_its_kind_at_the_top(page: Path) -> None:
    _, _, text = page.read_text().partition("\n\n")
    assert text.startswith(tuple(f"*{kind}.*" for kind in KINDS))


@pytest.mark.parametrize("page", PAGES[1:], ids=name_of)
def test_the_index_has_the_kind_that_the_page_states(page: Path) -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    kind = re.search(r"^\*([\w-]+)\.\*", page.read_text(), re.MULTILINE)
    assert kind
    assert page.name == "README.md" or re.search(rf"\({re.escape(page.name)}\) \| {kind[1].lower()} \|", index)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)", CODE.sub(" ", page.read_text()))
    targets = [(page.parent / path if path else page, anchor) for path, anchor in links]
    assert [str(target) for target, anchor in targets if not target.exists()] == []
    assert [anchor for target, anchor in targets if anchor and anchor not in anchors_of(target)] == []


def test_the_readme_has_the_calls_that_make_dev_prints() -> None:
    stack = Stack(
        api_url="http://127.0.0.1:3000",
        sandbox_url="",
        tokens={},
        buyer_id="BUYER_ID",
        seller_id="SELLER_ID",
        table="",
        event_bus="",
        secrets_prefix="",
        functions={},
        aws_endpoint_url="",
    )
    assert f"```bash\n{calls(stack, Path('.local/stack.json'))}```" in README.read_text()


def anchors_of(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}

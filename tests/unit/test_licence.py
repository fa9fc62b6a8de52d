"""The repository states its licence, and where to report a vulnerability."""

from tests.orders_table import ROOT


def test_the_licence_is_apache_2_in_full() -> None:
    text = (ROOT / "LICENSE").read_text()

    assert "Version 2.0, January 2004" in text
    assert "9. Accepting Warranty or Additional Liability." in text
    assert "APPENDIX: How to apply the Apache License to your work." in text


def test_the_notice_names_the_method_s_application_and_what_it_may_ask_for() -> None:
    text = " ".join((ROOT / "NOTICE").read_text().split())

    assert "CN103606078A" in text
    assert "commercial use may need a licence from its holder" in text


def test_the_readme_points_to_both_and_to_the_changes() -> None:
    text = (ROOT / "README.md").read_text()

    assert all(f"({name})" in text for name in ("LICENSE", "NOTICE", "SECURITY.md", "CHANGELOG.md"))

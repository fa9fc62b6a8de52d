"""Pages of `docs/` that hold tables printed by a benchmark, each between two markers."""

END = "<!-- /measured -->"


def with_table(text: str, table: str, name: str = "measured") -> str:
    """The page with the table between its two markers."""
    begin = f"<!-- {name} -->\n"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(END)
    if not (found and closed):
        raise LookupError(f"the page has no place for {name}")
    return f"{before}{begin}{table}{END}{after}"

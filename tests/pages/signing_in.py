"""Into the order desk: past the issuer, which signs everybody in."""

from playwright.sync_api import Page, expect


def open_desk(page: Page, path: str) -> None:
    """Show that path of the desk, signed in, with all that the API answers at first."""
    page.goto(path)
    door, way_out = page.get_by_role("button", name="Sign in"), page.get_by_role("button", name="Sign out")
    door.or_(way_out).wait_for()
    if door.count():
        door.click()
    expect(way_out).to_be_visible()
    expect(page.locator("main h1")).to_be_visible()
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)

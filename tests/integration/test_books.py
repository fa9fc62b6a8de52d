"""The kill test's inventory believes the gateway's books, and nothing that only looks like them."""

from collections.abc import Iterator

import pytest

from tests.fakes.loopback import Asked, Loopback, Reply, json_reply
from tests.kill import books
from tests.kill.books import BooksNotShown, books_of

SHOWN = {"captured": 2500, "refunded": 2500}


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.setattr(books, "PAUSE_SECONDS", 0.0)
    with Loopback(lambda asked: json_reply(SHOWN)) as loopback:
        yield loopback


def test_books_are_as_the_gateway_shows_them(sandbox: Loopback) -> None:
    assert books_of(sandbox.url, "attempt") == SHOWN
    assert [asked.path for asked in sandbox.asked] == ["/books/attempt"]


def test_an_attempt_without_a_session_has_kept_nothing(sandbox: Loopback) -> None:
    sandbox.answers = lambda asked: json_reply({"code": "session-not-found"}, 404)
    assert books_of(sandbox.url, "attempt") == {"captured": 0, "refunded": 0}


def test_a_gateway_that_fails_for_a_while_is_asked_again(sandbox: Loopback) -> None:
    def at_last(asked: Asked) -> Reply:
        return json_reply(SHOWN) if len(sandbox.asked) == books.TRIES else Reply(502, b"<html>")

    sandbox.answers = at_last
    assert books_of(sandbox.url, "attempt") == SHOWN


@pytest.mark.parametrize(
    "reply", [json_reply({"code": "try-again"}, 503), json_reply({"code": "no-such-route"}, 404), Reply(200, b"")]
)
def test_books_that_are_never_shown_are_not_taken_for_empty(sandbox: Loopback, reply: Reply) -> None:
    sandbox.answers = lambda asked: reply
    with pytest.raises(BooksNotShown):
        books_of(sandbox.url, "attempt")
    assert len(sandbox.asked) == books.TRIES

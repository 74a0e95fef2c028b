"""What a page is told is tried over its socket, in test_stream.py; here is what waits for it."""

from accord.api.browser import MAX_NEWS, MISSED, Browser
from accord.api.caller import Via, caller_of
from accord.wire.page.message import Subscribe
from support.stream_views import somebody


def a_browser() -> Browser:
    return Browser(caller_of(somebody(), Via.PASSWORD))


def test_the_first_reason_to_let_it_go_counts() -> None:
    browser = a_browser()
    browser.end(1008, "revoked")
    browser.end(1013, "too many")
    assert (browser.code, browser.reason, browser.ended.is_set()) == (1008, "revoked", True)


def test_of_more_news_than_may_wait_it_is_told_to_ask() -> None:
    browser = a_browser()
    assert all(browser.put("x") for _ in range(MAX_NEWS))
    assert not browser.put("x")
    assert list(browser.news) == [MISSED]


def test_it_waits_until_it_wants_something_else_or_is_gone() -> None:
    assert a_browser().awaits()
    other, left, ended = a_browser(), a_browser(), a_browser()
    other.wanted = Subscribe()
    left.has_left = True
    ended.end(1008, "revoked")
    assert [each.awaits() for each in (other, left, ended)] == [False, False, False]

"""What a request says of a mission, where no client of a node would show it."""

import json

from starlette.requests import Request
from starlette.types import Message

from accord.tak.marti.feed_said import FeedSaid
from accord.tak.marti.mission_said import Said, said_of


async def said(body: object) -> Said:
    async def receive() -> Message:
        return {"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "PUT", "query_string": b"", "headers": headers}
    return await said_of(Request(scope, receive))


async def test_a_body_that_says_nothing_of_feeds_is_not_one_that_says_none() -> None:
    assert (await said({})).feeds is None
    assert (await said({"feeds": None})).feeds is None
    assert (await said({"feeds": []})).feeds == ()
    feeds = [{"uid": "not looked at", "dataFeedUid": "u"}, {"dataFeedUid": "u"}]
    assert (await said({"feeds": feeds})).feeds == (FeedSaid(data_feed="u"),)

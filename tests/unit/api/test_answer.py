from accord.api.answer import NOT_KEPT, answer


def test_an_answer_is_json_that_nobody_keeps() -> None:
    made = answer({"alerts": []}, status=201)
    assert (made.status_code, made.body) == (201, b'{"alerts":[]}')
    assert made.headers["content-type"] == "application/json"
    # RFC 9111, 5.2.2.5: a cache must not store any part of such an answer.
    assert made.headers["cache-control"] == "no-store"


def test_what_else_stands_in_the_head_is_added_to_a_copy() -> None:
    headers = {**NOT_KEPT, "Content-Disposition": "attachment"}
    assert (len(headers), len(NOT_KEPT)) == (2, 1)

import json

from accord.api.problem import ProblemResponse


def test_a_problem_has_the_members_of_rfc_9457() -> None:
    response = ProblemResponse(503, "no message came through", instance="/readyz")
    assert response.headers["content-type"] == "application/problem+json"
    assert json.loads(bytes(response.body)) == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "no message came through",
        "instance": "/readyz",
    }

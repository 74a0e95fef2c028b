import json

from starlette.requests import Request

from accord.api.problem import Problem, ProblemResponse, refused


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


async def test_what_is_wrong_with_a_parameter_is_said_with_its_name() -> None:
    request = Request({"type": "http", "path": "/api/v1/tracks", "headers": []})
    problem = Problem(400, "no number", parameter="limit", headers={"Retry-After": "5"})
    response = await refused(request, problem)
    said = json.loads(bytes(response.body))
    assert (said["parameter"], said["instance"]) == ("limit", "/api/v1/tracks")
    assert response.headers["retry-after"] == "5"

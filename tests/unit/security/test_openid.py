"""What can be set of an OpenID provider; api/test_openid.py tries the rest with one."""

from typing import Any

import pytest

from accord.security.openid import OpenIdGroup, OpenIdSettings, Question

GOOD = {"issuer": "https://login.example/x", "client_id": "c", "page": "https://node.example:8443"}


def test_nothing_needs_to_be_set_and_what_is_set_says_where_browsers_come_back() -> None:
    assert OpenIdSettings().issuer == ""
    assert OpenIdSettings(**GOOD).back == "https://node.example:8443/api/v1/openid/back"


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "http://login.example"},
        {"issuer": "login.example"},
        {"issuer": "https://login.example/?a=b"},
        {"page": ""},
        {"page": "http://node.example"},
        {"client_id": ""},
    ],
)
def test_an_address_that_others_could_read_along_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        OpenIdSettings(**{**GOOD, **wrong})


@pytest.mark.parametrize(
    "wrong", [{"role": "boss", "groups": ("Blue",)}, {}, {"groups": ("Blue:up",)}]
)
def test_a_group_that_says_nothing_here_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"group|role"):
        OpenIdGroup(**wrong)


def test_a_challenge_is_made_of_its_verifier() -> None:
    # RFC 7636, appendix B
    question = Question("s", "n", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert question.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert len({*vars_of(Question.new()), *vars_of(Question.new())}) == 6


def vars_of(question: Question) -> tuple[str, str, str]:
    return question.state, question.nonce, question.verifier

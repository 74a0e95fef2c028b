from dataclasses import replace

from accord.federation.handles import GivenHandles
from support.peer import A_GRANT, a_header, a_subject


def header(uid: str, **changes: object):  # pyright: ignore
    return replace(a_header(subject=a_subject(uid=uid)), **changes)


def test_a_header_is_given_once_whatever_its_base() -> None:
    handles = GivenHandles(limit=3)
    given = handles.give(header("A"), None)
    assert (given.number, given.handle) == (1, 0)
    assert handles.known(header("A", base=a_header().base._replace(lat=5)), None) == given
    assert handles.known(header("B"), None) is None
    assert handles.known(header("A"), A_GRANT) is None


def test_a_changed_header_keeps_its_handle_and_gets_a_number() -> None:
    handles = GivenHandles(limit=3)
    handles.give(header("A"), None)
    again = handles.give(header("A", epoch=9), None)
    assert (again.number, again.handle, len(handles)) == (2, 0, 1)


def test_what_is_passed_on_needs_its_header_to_the_bit() -> None:
    handles = GivenHandles(limit=3)
    handles.give(header("A"), A_GRANT)
    assert handles.known(header("A"), A_GRANT)
    assert handles.known(header("A", base=a_header().base._replace(lat=5)), A_GRANT) is None


def test_the_handle_that_was_unused_for_longest_is_given_again() -> None:
    handles = GivenHandles(limit=2)
    first, second = handles.give(header("A"), None), handles.give(header("B"), None)
    handles.known(header("A"), None)
    third = handles.give(header("C"), None)
    assert third.handle == second.handle
    assert handles.objects() == (first, third)


def test_headers_that_did_not_arrive_are_given_again_under_the_same_numbers() -> None:
    handles = GivenHandles(limit=5)
    handles.give(header("A"), None)
    handles.give(header("B"), None)
    handles.only_up_to(1)
    assert handles.known(header("B"), None) is None
    again = handles.give(header("C"), None)
    assert (again.number, again.handle) == (2, 1)


def test_handles_go_on_after_a_restart() -> None:
    handles = GivenHandles(limit=5)
    for uid in "ABC":
        handles.give(header(uid), None)
    again = GivenHandles(limit=5)
    again.restore((handles.objects()[0], handles.objects()[2]), handles.last)
    assert again.known(header("C"), None)
    assert again.give(header("D"), None).handle == 1
    assert again.give(header("E"), None).handle == 3
    assert again.last == 5

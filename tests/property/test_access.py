from hypothesis import given
from hypothesis import strategies as st

from accord.core.context import LIVE, Context
from accord.core.principal import Direction, Principal, Role
from accord.release.access import may_say, may_see
from support.builders import a_report

group_names = st.sampled_from(["Blue", "Red", "Green", "Yellow"])
group_sets = st.frozensets(group_names)
contexts = st.sampled_from(
    [LIVE, Context.exercise("TASMAN"), Context.parse("plan:P1"), Context.parse("replay:R1")]
)
principals = st.builds(
    Principal,
    name=st.just("kiwi-1"),
    groups=st.dictionaries(group_names, st.sampled_from(list(Direction))),
    role=st.sampled_from(Role),
    exercises=st.sampled_from([frozenset[str](), frozenset({"TASMAN"})]),
    every_exercise=st.booleans(),
)


@given(principals, contexts)
def test_an_empty_group_list_releases_nothing_and_lets_nothing_in(
    principal: Principal, context: Context
) -> None:
    report = a_report(context=context, groups=frozenset())
    assert not may_see(principal, report)
    assert may_say(principal, report) is not None


@given(principals, contexts, group_sets, group_sets)
def test_fewer_groups_of_a_report_never_show_or_let_in_more(
    principal: Principal, context: Context, groups: frozenset[str], kept: frozenset[str]
) -> None:
    wide = a_report(context=context, groups=groups)
    narrow = a_report(context=context, groups=groups & kept)
    assert may_see(principal, narrow) <= may_see(principal, wide)
    assert (may_say(principal, narrow) is None) <= (may_say(principal, wide) is None)


@given(principals, contexts, group_sets, group_sets)
def test_fewer_groups_of_a_member_never_show_or_let_in_more(
    principal: Principal, context: Context, groups: frozenset[str], kept: frozenset[str]
) -> None:
    report = a_report(context=context, groups=groups)
    less = Principal(
        name=principal.name,
        groups={name: way for name, way in principal.groups.items() if name in kept},
        role=principal.role,
        exercises=principal.exercises,
        every_exercise=principal.every_exercise,
    )
    assert may_see(less, report) <= may_see(principal, report)
    assert (may_say(less, report) is None) <= (may_say(principal, report) is None)

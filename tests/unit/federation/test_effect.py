from typing import get_args

from accord.federation import effect


def test_every_effect_is_in_the_union_that_is_matched_on() -> None:
    made = {
        each
        for each in vars(effect).values()
        if isinstance(each, type) and each.__module__ == effect.__name__
    }
    assert set(get_args(effect.Effect)) == made

import numpy as np

from accord.fusion import filter as kalman


def test_what_is_certain_goes_on_as_it_went() -> None:
    states = kalman.begun(np.array([[0.0, 0.0]]), np.array([10.0]), 30.0)
    states.velocity[:] = [3.0, 4.0]
    kalman.predict(states, 10.0, 0.0)
    assert states.place.tolist() == [[30.0, 40.0]]
    # pp + 2 t pv + t2 vv = 100 + 100 * 100; pv = t vv = 10 * 100; vv as it was.
    assert states.spread.tolist() == [[10_100.0, 1_000.0, 100.0]]


def test_noise_spreads_as_its_integral_says() -> None:
    states = kalman.begun(np.array([[0.0, 0.0]]), np.array([0.0]), 0.0)
    kalman.predict(states, 2.0, 3.0)
    # q t3/3, q t2/2, q t (Bar-Shalom, Li and Kirubarajan 2001, 6.2.2)
    assert states.spread.tolist() == [[8.0, 6.0, 6.0]]


def test_a_plot_as_certain_as_the_track_lies_half_way() -> None:
    states = kalman.begun(np.array([[0.0, 0.0], [5.0, 5.0]]), np.array([10.0, 10.0]), 30.0)
    kalman.update(states, np.array([0]), np.array([[20.0, 0.0]]), np.array([10.0]))
    assert states.place.tolist() == [[10.0, 0.0], [5.0, 5.0]]
    assert states.spread[0].tolist() == [50.0, 0.0, 100.0]


def test_two_plots_say_how_fast_it_goes() -> None:
    states = kalman.begun(np.array([[0.0, 0.0]]), np.array([0.1]), 300.0)
    kalman.predict(states, 10.0, 0.0)
    kalman.update(states, np.array([0]), np.array([[50.0, 0.0]]), np.array([0.1]))
    assert np.allclose(states.velocity, [[5.0, 0.0]], atol=0.01)


def test_tracks_are_kept_and_joined_in_order() -> None:
    both = kalman.begun(np.array([[1.0, 1.0], [2.0, 2.0]]), np.array([1.0, 1.0]), 3.0)
    one = kalman.kept(both, np.array([False, True]))
    assert len(one) == 1
    again = kalman.joined(one, both)
    assert again.place[:, 0].tolist() == [2.0, 1.0, 2.0]
    assert len(kalman.joined(kalman.none(), one)) == 1

import pytest

from app.rules import router_model
from app.training import shelf
from app.training.figures import Figures
from app.training.shelf import Follower, NotBetterError, NothingOlderError

GOOD = Figures(rows=100, top1=0.9, top3=0.95, macro_f1=0.9, calibration=0.05)


@pytest.fixture
def model():
    return router_model.shipped()


def test_an_empty_shelf_means_the_model_that_ships(tmp_path):
    assert shelf.current(tmp_path / "absent") is None


def test_what_is_not_worse_is_put_to_use(tmp_path, model):
    path = shelf.publish(tmp_path / "router", model, new=GOOD, old=GOOD)
    assert model.version in path.name
    assert shelf.current(tmp_path / "router").version == model.version


@pytest.mark.parametrize("worse", [GOOD._replace(macro_f1=0.85), GOOD._replace(calibration=0.09)])
def test_what_is_worse_stays_unpublished(tmp_path, model, worse):
    with pytest.raises(NotBetterError):
        shelf.publish(tmp_path, model, new=worse, old=GOOD)
    assert shelf.look(tmp_path) == shelf.Shelf([], None)


def test_the_newest_three_are_kept_and_each_step_back_is_one_command(tmp_path, model):
    paths = [shelf.publish(tmp_path, model, new=GOOD, old=GOOD) for _ in range(4)]
    assert shelf.look(tmp_path) == shelf.Shelf(paths[1:], paths[3])
    assert shelf.rollback(tmp_path) == paths[2]
    assert shelf.rollback(tmp_path) == paths[1]
    assert shelf.rollback(tmp_path) is None
    assert shelf.current(tmp_path) is None
    with pytest.raises(NothingOlderError):
        shelf.rollback(tmp_path)


def test_after_going_back_the_next_one_has_a_number_of_its_own(tmp_path, model):
    first, second = (shelf.publish(tmp_path, model, new=GOOD, old=GOOD) for _ in range(2))
    shelf.rollback(tmp_path)
    third = shelf.publish(tmp_path, model, new=GOOD, old=GOOD)
    assert len({first, second, third}) == 3
    assert shelf.look(tmp_path).serving == third


def test_a_follower_sees_a_new_model_and_a_step_back_without_being_asked_to_look(tmp_path, model):
    follower = Follower(tmp_path)
    assert follower() is None
    shelf.publish(tmp_path, model, new=GOOD, old=GOOD)
    first = follower()
    assert first is not None
    assert follower() is first  # read once
    shelf.publish(tmp_path, model, new=GOOD, old=GOOD)
    assert follower() is not first
    shelf.rollback(tmp_path)
    shelf.rollback(tmp_path)
    assert follower() is None


def test_a_model_that_cannot_be_read_leaves_the_last_one_in_use(tmp_path, model):
    follower = Follower(tmp_path)
    shelf.publish(tmp_path, model, new=GOOD, old=GOOD)
    good = follower()
    (tmp_path / "000009-broken.npz").write_bytes(b"no model")
    (tmp_path / shelf.IN_USE).write_text("000009-broken.npz")
    assert follower() is good

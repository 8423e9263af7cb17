import pytest

from app.rules import place


@pytest.mark.parametrize("typed", ["4", "４", "04", "4.0", " 4 ", "4幢", "４ 幢", "04幢"])
def test_a_building_has_one_name_however_it_is_typed(typed):
    assert place.building_name(typed) == "4幢"


@pytest.mark.parametrize(
    ("typed", "meant"), [("2", "2单元"), ("2.0", "2单元"), ("2单元", "2单元"), ("东单元", "东单元")]
)
def test_a_stairwell_has_one_name_however_it_is_typed(typed, meant):
    assert place.stairwell_name(typed) == meant


@pytest.mark.parametrize(("typed", "meant"), [("A座", "A座"), ("7号楼", "7号楼"), ("Ｂ１幢", "B1幢"), ("0", "0幢")])
def test_other_names_of_buildings_stay(typed, meant):
    assert place.building_name(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("1201", "1201"), ("１２０１", "1201"), ("1201.0", "1201"), ("1201室", "1201"), ("0101", "0101")],
)
def test_a_door_has_one_number_however_it_is_typed(typed, meant):
    assert place.door(typed) == meant


def test_names_of_compounds_keep_their_punctuation():
    assert place.line(" 石灰桥新村（一期） Ａ区 ") == "石灰桥新村（一期） A区"


@pytest.mark.parametrize(
    ("typed", "door"),
    [
        ("4-2", "d"),
        ("4幢 2单元", "d"),
        ("桂花楼东单元", "e"),
        ("桂花楼", "e"),
        ("5", "f"),
        ("4", None),
        ("5-2", None),
        ("9-1", None),
        ("车棚", None),
    ],
)
def test_a_stairwell_is_found_however_it_is_said_and_never_guessed(typed, door):
    doors = {("4幢", "1单元"): "c", ("4幢", "2单元"): "d", ("桂花楼", "东单元"): "e", ("5幢", "1单元"): "f"}
    assert place.among(doors, typed) == door


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("4幢2单元门口", ("4幢", "2单元")),
        ("四栋二单元 302", ("4幢", "2单元")),
        ("4-2-302室", ("4幢", "2单元")),
        ("2-3楼之间", ("", "")),
        ("4幢3楼", ("", "")),
        ("4-302", ("", "")),
        ("车棚", ("", "")),
    ],
)
def test_words_that_begin_with_a_stairwell_are_told_from_floors_and_doors(typed, meant):
    assert place.leading(typed) == meant


def test_buildings_are_walked_in_the_order_of_their_numbers():
    assert sorted(["10幢", "2幢", "A座", "1幢"], key=place.in_order) == ["A座", "1幢", "2幢", "10幢"]


@pytest.mark.parametrize(
    ("name", "number"), [("4幢", 4), ("B12座", 12), ("东楼", None), ("0幢", None), ("20240101", None)]
)
def test_the_house_number_in_a_name(name, number):
    assert place.number_in(name) == number

"""Numbers as people write them, and what can be dialled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import phones

REACHED = {
    "13812345678": "13812345678",
    "138 1234 5678": "13812345678",
    "138-1234-5678": "13812345678",
    "１３８１２３４５６７８": "13812345678",
    "+86 138-1234-5678": "13812345678",
    "＋８６13812345678": "13812345678",
    "008613812345678": "13812345678",
    "8613812345678": "13812345678",
    "(+86)13812345678": "13812345678",
    "19912345678": "19912345678",
    "0571-88886666": "0571-88886666",
    "0571 8888 6666": "0571-88886666",
    "(0571)88886666": "0571-88886666",
    "0571—88886666": "0571-88886666",
    "+86 571 88886666": "0571-88886666",
    "+8657188886666": "0571-88886666",
    "86057188886666": "0571-88886666",
    "010-65432100": "010-65432100",
    "+861065432100": "010-65432100",
    "021-65432100": "021-65432100",
    "0539-7654321": "0539-7654321",
    "0571-88886666-123": "0571-88886666-123",
    "0571-88886666转123": "0571-88886666-123",
    "0571-88886666 分机 8001": "0571-88886666-8001",
    "057188886666 ext. 12": "0571-88886666-12",
    "+852 6123 4567": "+85261234567",
    "00852-61234567": "+85261234567",
}
UNREACHED = (
    "1381234567",  # a digit short
    "138123456789",  # a digit long
    "+861381234567",
    "12812345678",
    "88886666",
    "0571-888866",
    "0171-88886666",
    "400-820-8820",
    "95598",
    "12345",
    "110",
    "13812345678转5",
    "",
    "-",
    "没有",
    "138123456七8",
)


@pytest.mark.parametrize("typed", REACHED)
def test_a_number_has_one_form_however_it_is_written(typed):
    assert phones.canonical(typed) == REACHED[typed]
    assert phones.canonical(REACHED[typed]) == REACHED[typed]


@pytest.mark.parametrize("typed", UNREACHED)
def test_half_a_number_and_a_service_line_are_nobodys_telephone(typed):
    assert phones.canonical(typed) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("13812345678", "+86 138-1234-5678", True),
        ("13812345678", "13812345679", False),
        ("0571-88886666", "88886666", True),
        ("0571-88886666", "0571-88886666-12", True),
        ("0571-88886666", "010-88886666", False),
        ("88886666", "8888 6666", True),
        ("13888886666", "88886666", False),
        ("", "", False),
        ("", "13812345678", False),
    ],
)
def test_the_same_telephone_is_known_again(one, other, same):
    assert phones.same(one, other) is phones.same(other, one) is same


@pytest.mark.parametrize("typed", ["13812345678", "+86 138 1234 5678", "１３８－１２３４－５６７８"])
def test_a_number_is_hashed_by_its_one_form(typed):
    assert phones.digits(typed) == "13812345678"


@given(st.text(alphabet="0123456789+-() 转x#８—", max_size=24))
def test_whatever_is_typed_its_form_stays_what_it_is(typed):
    form = phones.canonical(typed)
    assert form is None or phones.canonical(form) == form

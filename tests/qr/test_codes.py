import random
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qr import codes
from qr.codes import ALPHABET, CodeError

bodies = st.text(ALPHABET, min_size=1, max_size=codes.LONGEST_BODY)


def sample(count, length=7, seed=20270301):
    randbelow = random.Random(seed).randrange
    return [codes.with_check(codes.symbols(length, randbelow)) for _ in range(count)]


@pytest.mark.parametrize("length", [5, 7, 30])
def test_every_single_wrong_symbol_is_noticed(length):
    for code in sample(20, length):
        for position, symbol in product(range(len(code)), ALPHABET):
            wrong = code[:position] + symbol + code[position + 1 :]
            assert codes.is_valid(wrong) == (wrong == code)


@pytest.mark.parametrize("length", [5, 7, 30])
def test_every_swap_of_two_symbols_is_noticed_neighbours_and_jumps_included(length):
    for code in sample(100, length):
        for left, right in combinations(range(len(code)), 2):
            swapped = list(code)
            swapped[left], swapped[right] = code[right], code[left]
            assert codes.is_valid("".join(swapped)) == (code[left] == code[right])


def test_every_neighbour_swap_is_noticed_in_every_pair_of_symbols():
    for left, right in product(ALPHABET, repeat=2):
        for position in range(6):
            body = list("1234567")
            body[position : position + 2] = left, right
            code = codes.with_check("".join(body))
            swapped = code[:position] + right + left + code[position + 2 :]
            assert codes.is_valid(swapped) == (left == right)


def test_every_doubled_twin_is_noticed():
    for twin, other in product(ALPHABET, repeat=2):
        for position in range(6):
            body = list("1234567")
            body[position : position + 2] = twin, twin
            code = codes.with_check("".join(body))
            wrong = code[:position] + other * 2 + code[position + 2 :]
            assert codes.is_valid(wrong) == (twin == other)


@given(bodies)
def test_a_body_with_its_check_symbol_is_valid_and_with_any_other_is_not(body):
    assert [symbol for symbol in ALPHABET if codes.is_valid(body + symbol)] == [codes.check_symbol(body)]


@given(bodies)
def test_the_check_symbol_follows_from_arithmetic_in_gf_32(body):
    def times(a, b):
        product = 0
        while b:
            product ^= a if b & 1 else 0
            a = a << 1 ^ (0b100101 if a & 0b10000 else 0)
            b >>= 1
        return product

    weight, total = 1, 0
    for symbol in reversed(body):
        weight = times(weight, 2)
        total ^= times(weight, ALPHABET.index(symbol))
    assert codes.check_symbol(body) == ALPHABET[total]


@pytest.mark.parametrize("body", ["", "0" * 31, "7K3U", "7k3m", "7K-3"])
def test_a_body_that_is_empty_too_long_or_not_canonical_has_no_check_symbol(body):
    with pytest.raises(ValueError):
        codes.check_symbol(body)
    assert not codes.is_valid(body + "0")


def test_nothing_is_not_a_valid_code():
    assert not codes.is_valid("")
    assert not codes.is_valid("0")


def test_a_new_code_is_seven_drawn_symbols_and_a_check_symbol():
    drawn = iter([7, 19, 3, 20, 9, 22, 29])
    bounds = []

    def randbelow(bound):
        bounds.append(bound)
        return next(drawn)

    code = codes.new_code(randbelow)
    assert (code[:7], bounds) == ("7K3M9PX", [32] * 7)
    assert codes.parse(code) == code


def test_codes_drawn_from_the_system_do_not_repeat():
    drawn = {codes.new_code() for _ in range(2000)}
    assert len(drawn) == 2000
    assert all(codes.is_valid(code) for code in drawn)


CODE = codes.with_check("7K301Q0")


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        CODE.lower(),
        codes.display(CODE),
        f"  {CODE[:4]} {CODE[4:]}\n",
        f"{CODE[:4]}－{CODE[4:]}",
        f"{CODE[:4]}——{CODE[4:]}",
        f"{CODE[:4]}\u3000{CODE[4:]}",
        f"\u200b{CODE[:4]}\u2212{CODE[4:]}\ufeff",
        "".join(chr(ord(symbol) + 0xFEE0) for symbol in CODE),
        CODE.replace("0", "O").replace("1", "I"),
        CODE.replace("0", "o").replace("1", "l").lower(),
        "-".join(CODE),
    ],
)
def test_what_people_type_is_read_as_they_meant_it(typed):
    assert codes.parse(typed) == CODE


@given(st.text(ALPHABET, min_size=7, max_size=7))
def test_a_displayed_code_is_read_back(body):
    code = codes.with_check(body)
    assert codes.parse(codes.display(code)) == code
    assert codes.display(code) == f"{code[:4]}-{code[4:]}"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "length"),
        ("7K3M", "length"),
        (CODE + "0", "length"),
        (CODE[:7] + "U", "symbol"),
        (CODE[:7] + "民", "symbol"),
        (CODE[:7] + "?", "symbol"),
        (CODE[1] + CODE[0] + CODE[2:], "check"),
    ],
)
def test_what_is_not_a_code_says_why(typed, reason):
    with pytest.raises(CodeError) as refusal:
        codes.parse(typed)
    assert refusal.value.reason == reason


@given(st.text())
def test_any_text_is_either_a_canonical_code_or_a_code_error(text):
    try:
        code = codes.from_url(text)
    except CodeError:
        return
    assert len(code) == 8
    assert codes.is_valid(code)


@pytest.mark.parametrize(
    ("origin", "printed"),
    [
        ("https://minqing.example.cn", "HTTPS://MINQING.EXAMPLE.CN/S/"),
        ("https://minqing.example.cn/", "HTTPS://MINQING.EXAMPLE.CN/S/"),
        ("http://192.168.1.5:8000", "HTTP://192.168.1.5:8000/S/"),
    ],
)
def test_the_printed_address_is_all_capitals(origin, printed):
    assert codes.url(origin, CODE) == printed + CODE
    assert codes.url(origin, codes.display(CODE).lower()) == printed + CODE


@pytest.mark.parametrize(
    "origin",
    [
        "minqing.example.cn",
        "ftp://minqing.example.cn",
        "https://",
        "https://minqing.example.cn/app",
        "https://minqing.example.cn?a=1",
        "https://someone@minqing.example.cn",
        "https://民情.cn",
        "https://minqing.example.cn:",
    ],
)
def test_an_origin_is_a_scheme_a_host_and_a_port(origin):
    with pytest.raises(ValueError, match="an origin looks like"):
        codes.url(origin, CODE)


@pytest.mark.parametrize(
    "scanned",
    [
        f"HTTPS://MINQING.EXAMPLE.CN/S/{CODE}",
        f"https://minqing.example.cn/s/{CODE.lower()}",
        f"http://192.168.1.5:8000/S/{codes.display(CODE)}/",
        f"https://minqing.example.cn/s/{CODE}?from=singlemessage#top",
        f" https://minqing.example.cn/s/{CODE[:4]}%2D{CODE[4:]} \n",
        f"minqing.example.cn/s/{CODE}",
        codes.display(CODE),
    ],
)
def test_a_scanned_address_and_a_bare_code_give_the_code(scanned):
    assert codes.from_url(scanned) == CODE


@pytest.mark.parametrize(
    "scanned",
    [f"https://minqing.example.cn/board/{CODE}", "https://minqing.example.cn/s/", f"https://a.cn/x/s/{CODE}", "/s/"],
)
def test_another_address_is_not_a_code(scanned):
    with pytest.raises(CodeError):
        codes.from_url(scanned)

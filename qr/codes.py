"""Code ⇄ URL, what people mistype, and the check symbol. Codes are random: they say nothing about a place."""

import re
import secrets
import unicodedata
from collections.abc import Callable
from typing import Literal
from urllib.parse import unquote

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8
LONGEST_BODY = 30

Reason = Literal["length", "symbol", "check"]

_VALUE = {symbol: value for value, symbol in enumerate(ALPHABET)}
_LOOKALIKES = str.maketrans("OIL", "011")
_IGNORED_CATEGORIES = {"Pd", "Pc", "Zs", "Zl", "Zp", "Cf", "Cc"}  # dashes, underscores, blanks, invisible characters
_IGNORED_CHARACTERS = {"\N{MINUS SIGN}", "\N{KATAKANA-HIRAGANA PROLONGED SOUND MARK}", "\N{MIDDLE DOT}"}
_ORIGIN = re.compile(r"(https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?)/?")
_SCAN_ADDRESS = re.compile(r"\s*(?:https?://)?[^/?#\s]+/s/([^/?#]+)/?(?:[?#].*)?", re.IGNORECASE | re.DOTALL)


def _powers_of_alpha() -> list[int]:
    """alpha^0 … alpha^30 of GF(32) with the primitive polynomial x^5 + x^2 + 1: every non-zero element once."""
    powers = [1]
    while len(powers) < len(ALPHABET) - 1:
        doubled = powers[-1] << 1
        powers.append(doubled ^ 0b100101 if doubled & 0b100000 else doubled)
    return powers


_EXP = _powers_of_alpha()
_LOG = {element: exponent for exponent, element in enumerate(_EXP)}


class CodeError(ValueError):
    """A text that is not a code. `reason` says what is wrong with it, so that the page can say it in Chinese."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(_EXPLANATIONS[reason])
        self.reason = reason


_EXPLANATIONS: dict[Reason, str] = {
    "length": f"a code has {CODE_LENGTH} symbols",
    "symbol": "a code has only digits and the letters A-Z without U",
    "check": "the check symbol does not fit: something was mistyped",
}


def check_symbol(body: str) -> str:
    """The symbol that completes `body` (1-30 canonical symbols), so that every mistyped symbol, swap of two symbols
    and doubled twin is noticed: all weights differ, and none is zero. Raises ValueError for other bodies.
    """
    if not 1 <= len(body) <= LONGEST_BODY:
        raise ValueError(f"a body has 1 to {LONGEST_BODY} symbols, not {len(body)}")
    if not set(body) <= _VALUE.keys():
        raise ValueError(f"not all symbols are in the alphabet: {body!r}")
    total = 0
    for exponent, symbol in enumerate(reversed(body), start=1):
        value = _VALUE[symbol]
        if value:
            total ^= _EXP[(_LOG[value] + exponent) % len(_EXP)]
    return ALPHABET[total]


def with_check(body: str) -> str:
    """`body` and its check symbol; raises as check_symbol does."""
    return body + check_symbol(body)


def is_valid(symbols_with_check: str) -> bool:
    """Whether canonical symbols, any length from 2 to 31, end in their check symbol. Never raises."""
    body = symbols_with_check[:-1]
    if not 1 <= len(body) <= LONGEST_BODY or not set(body) <= _VALUE.keys():
        return False
    return symbols_with_check[-1] == check_symbol(body)


def symbols(n: int, randbelow: Callable[[int], int] = secrets.randbelow) -> str:
    """`n` random symbols without a check symbol."""
    return "".join(ALPHABET[randbelow(len(ALPHABET))] for _ in range(n))


def new_code(randbelow: Callable[[int], int] = secrets.randbelow) -> str:
    """A fresh code: seven random symbols (35 bits) and their check symbol."""
    return with_check(symbols(CODE_LENGTH - 1, randbelow))


def normalise(text: str) -> str:
    """What the writer meant: capitals, no hyphens or blanks (full-width ones too), O read as 0, I and L as 1."""
    meant = (
        character
        for character in unicodedata.normalize("NFKC", text)
        if unicodedata.category(character) not in _IGNORED_CATEGORIES and character not in _IGNORED_CHARACTERS
    )
    return "".join(meant).upper().translate(_LOOKALIKES)


def parse(text: str) -> str:
    """The canonical eight symbols of a typed or scanned code. Raises CodeError(length | symbol | check)."""
    code = normalise(text)
    if len(code) != CODE_LENGTH:
        raise CodeError("length")
    if not set(code) <= _VALUE.keys():
        raise CodeError("symbol")
    if not is_valid(code):
        raise CodeError("check")
    return code


def display(code: str) -> str:
    """A code as it is printed and read aloud: 7K3M-9QXF."""
    return f"{code[:4]}-{code[4:]}"


def url(origin: str, code: str) -> str:
    """The address inside the symbol, all capitals because those need fewer modules: HTTPS://HOST/S/7K3M9QXF.

    `origin` is http(s)://host[:port], else ValueError; a wrong code is a CodeError.
    """
    return f"{parse_origin(origin)}/S/{parse(code)}".upper()


def parse_origin(text: str) -> str:
    """`text` as http(s)://host[:port] in lower case. Raises ValueError where there is more or less than that."""
    origin = _ORIGIN.fullmatch(text.strip().lower())
    if origin is None:
        raise ValueError(f"an origin looks like https://host or https://host:port, not {text!r}")
    return origin[1]


def from_url(text: str) -> str:
    """The code in a scanned address, any case, with or without its scheme, or in a bare code. Raises CodeError."""
    address = _SCAN_ADDRESS.fullmatch(text)
    return parse(unquote(address[1]) if address else text)

"""What may be reported and who answers first (domain rules §1), read once from app/catalogue/taxonomy.yaml."""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import TypeVar

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError

from app.rules.vocabulary import Complexity, Flag, Role, Scope

OTHER = "GOV-99"

_STRICT = ConfigDict(extra="forbid")
_T = TypeVar("_T", bound=Hashable)
_LEAF_CODE = re.compile(r"[A-Z]{3}-\d{2}")


class UnknownCategoryError(KeyError):
    """No top class or leaf has this code."""


class InconsistentCatalogueError(ValueError):
    """The taxonomy contradicts itself or the vocabulary; nothing may start on it."""


@dataclass(frozen=True)
class TopClass:
    __pydantic_config__ = _STRICT

    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Leaf:
    """One kind of matter: exactly one lead, and whoever else is told."""

    __pydantic_config__ = _STRICT

    code: str
    name: str
    parent: str
    lead: Role
    co: tuple[Role, ...]
    complexity: Complexity
    scope: Scope
    menu: bool
    external: tuple[str, ...]
    flags: frozenset[Flag]
    keywords: tuple[str, ...]
    patterns: tuple[str, ...]
    name_en: str


@dataclass(frozen=True)
class _Source:
    """The file, part by part. Owners may lead a leaf; overseers only have a title."""

    __pydantic_config__ = _STRICT

    version: int
    owners: dict[Role, str]
    overseers: dict[Role, str]
    flags: dict[Flag, str]
    tops: tuple[TopClass, ...]
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """One version of the taxonomy. Compared by identity, so it can be the key of a cache."""

    version: int
    tops: tuple[TopClass, ...]
    leaves: tuple[Leaf, ...]
    titles: dict[Role, str]
    meanings: dict[Flag, str]

    def leaf(self, code: str) -> Leaf:
        """The leaf with this code; raises UnknownCategoryError."""
        try:
            return self._leaf_by_code[code]
        except KeyError:
            raise UnknownCategoryError(code) from None

    def top(self, code: str) -> TopClass:
        """The top class with this code; raises UnknownCategoryError."""
        for top in self.tops:
            if top.code == code:
                return top
        raise UnknownCategoryError(code)

    def children(self, top: str) -> tuple[Leaf, ...]:
        """The leaves of a top class in the file's order; raises UnknownCategoryError."""
        code = self.top(top).code
        return tuple(leaf for leaf in self.leaves if leaf.parent == code)

    def menu(self) -> tuple[Leaf, ...]:
        """The leaves that a compound may offer as tiles, in the file's order."""
        return tuple(leaf for leaf in self.leaves if leaf.menu)

    def title(self, role: Role | str) -> str:
        """What people call this role."""
        return self.titles[Role(role)]

    def meaning(self, flag: Flag | str) -> str:
        """What this flag asks of whoever handles the leaf, in one short line."""
        return self.meanings[Flag(flag)]

    @cached_property
    def _leaf_by_code(self) -> dict[str, Leaf]:
        return {leaf.code: leaf for leaf in self.leaves}


@cache
def default() -> Catalogue:
    """The catalogue that ships with the product."""
    return load((files("app") / "catalogue" / "taxonomy.yaml").read_text("utf-8"))


def load(text: str) -> Catalogue:
    """The catalogue written in this YAML; raises InconsistentCatalogueError with every reason it finds."""
    try:
        # A subclass of the safe loader: it builds plain values only.
        source = TypeAdapter(_Source).validate_python(yaml.load(text, Loader=_UniqueKeys))  # noqa: S506
    except (yaml.YAMLError, ValidationError) as error:
        raise InconsistentCatalogueError(str(error)) from error
    if problems := list(_problems(source)):
        raise InconsistentCatalogueError("; ".join(problems))
    return Catalogue(source.version, source.tops, source.leaves, source.owners | source.overseers, source.flags)


def _problems(source: _Source) -> Iterator[str]:
    tops = {top.code for top in source.tops}
    for code in _repeated([*(top.code for top in source.tops), *(leaf.code for leaf in source.leaves)]):
        yield f"{code} is there twice"
    for role in set(Role) - source.owners.keys() - source.overseers.keys():
        yield f"{role} has no title"
    for role in source.owners.keys() & source.overseers.keys():
        yield f"{role} is both owner and overseer"
    for flag in set(Flag) - source.flags.keys():
        yield f"{flag} has no meaning"
    if OTHER not in {leaf.code for leaf in source.leaves}:
        yield f"{OTHER} is missing: there must be a place for everything else"
    for leaf in source.leaves:
        yield from (f"{leaf.code}: {problem}" for problem in _leaf_problems(leaf, tops, source.owners))


def _leaf_problems(leaf: Leaf, tops: set[str], owners: dict[Role, str]) -> Iterator[str]:
    if leaf.parent not in tops:
        yield f"unknown parent {leaf.parent}"
    if not _LEAF_CODE.fullmatch(leaf.code) or not leaf.code.startswith(f"{leaf.parent}-"):
        yield "its code is not its parent's code and two digits"
    for role in (leaf.lead, *leaf.co):
        if role not in owners:
            yield f"{role} is not an owner"
    for role in _repeated((leaf.lead, *leaf.co)):
        yield f"{role} has two parts in it"
    for word in _repeated(leaf.keywords):
        yield f"keyword {word} is there twice"
    words = [*leaf.keywords, *(word for pattern in leaf.patterns for part in alternatives(pattern) for word in part)]
    if not all(word.strip() for word in words):
        yield "a keyword or a part of a pattern is empty"


def alternatives(pattern: str) -> tuple[tuple[str, ...], ...]:
    """The parts of a pattern, each with its alternatives: `a|b+c` is ((a, b), (c,))."""
    return tuple(tuple(part.split("|")) for part in pattern.split("+"))


def _repeated(items: Iterable[_T]) -> list[_T]:
    return [item for item, times in Counter(items).items() if times > 1]


class _UniqueKeys(yaml.SafeLoader):
    """YAML lets a later key win in silence; a leaf with two leads must not load."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in _repeated(keys):
            raise yaml.constructor.ConstructorError(None, None, f"{key!r} is there twice", node.start_mark)
        return super().construct_mapping(node, deep)

"""PDF files → one file, written as they come: of what has been written, only the places of its objects are kept."""

import io
from typing import BinaryIO

from pypdf import PdfReader
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    NumberObject,
    PdfObject,
    TextStringObject,
)

_CATALOGUE, _TREE, _INFO = 1, 2, 3  # these objects are written last, when the pages are known


class Joiner:
    """`add` the parts in their order, then `close`. The first part gives the whole its title and language."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._at = 0
        self._offsets = [0, 0, 0, 0]  # by object number; number 0 is never used
        self._branches: list[PdfObject] = []
        self._pages = 0
        self._title = self._language = ""
        self._put(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def add(self, part: bytes) -> None:
        """Append the pages of a file: its page tree becomes a branch of ours."""
        reader = PdfReader(io.BytesIO(part))
        if not self._branches:
            self._title = (reader.metadata and reader.metadata.title) or ""
            self._language = str(reader.root_object.get("/Lang", ""))
        tree = reader.root_object.raw_get("/Pages")
        numbers = {tree.idnum: self._next_number()}
        self._branches.append(_reference(numbers[tree.idnum]))
        self._pages += len(reader.pages)
        waiting: list[IndirectObject] = [tree]
        while waiting:
            old = waiting.pop()
            value = self._moved(old.get_object(), numbers, waiting)
            if isinstance(value, DictionaryObject) and old is tree:
                value[NameObject("/Parent")] = _reference(_TREE)
            self._object(numbers[old.idnum], value)

    def close(self) -> None:
        """Write what holds the parts together. The target stays open."""
        count = NumberObject(self._pages)
        self._object(_TREE, _dictionary(Type=NameObject("/Pages"), Kids=ArrayObject(self._branches), Count=count))
        self._object(_INFO, _dictionary(Title=TextStringObject(self._title)))
        catalogue = _dictionary(
            Type=NameObject("/Catalog"),
            Pages=_reference(_TREE),
            Lang=TextStringObject(self._language),
            ViewerPreferences=_dictionary(DisplayDocTitle=BooleanObject(value=True)),
        )
        self._object(_CATALOGUE, catalogue)
        table = self._at
        places = "".join(f"{offset:010d} 00000 n \n" for offset in self._offsets[1:])
        self._put(f"xref\n0 {len(self._offsets)}\n0000000000 65535 f \n{places}trailer\n".encode())
        size = NumberObject(len(self._offsets))
        self._put(_written(_dictionary(Size=size, Root=_reference(_CATALOGUE), Info=_reference(_INFO))))
        self._put(f"\nstartxref\n{table}\n%%EOF\n".encode())

    def _next_number(self) -> int:
        self._offsets.append(0)
        return len(self._offsets) - 1

    def _moved(self, value: PdfObject | None, numbers: dict[int, int], waiting: list[IndirectObject]) -> PdfObject:
        """`value` with our numbers in its references; what is referred to for the first time joins `waiting`."""
        if isinstance(value, IndirectObject):
            if value.idnum not in numbers:
                numbers[value.idnum] = self._next_number()
                waiting.append(value)
            return _reference(numbers[value.idnum])
        if isinstance(value, DictionaryObject):  # a stream is one too
            for key, each in value.items():
                value[key] = self._moved(each, numbers, waiting)
        if isinstance(value, ArrayObject):
            return ArrayObject(self._moved(each, numbers, waiting) for each in value)
        return NullObject() if value is None else value

    def _object(self, number: int, value: PdfObject) -> None:
        self._offsets[number] = self._at
        self._put(b"%d 0 obj\n%b\nendobj\n" % (number, _written(value)))

    def _put(self, content: bytes) -> None:
        self._target.write(content)
        self._at += len(content)


def _reference(number: int) -> IndirectObject:
    return IndirectObject(number, 0, None)


def _dictionary(**values: PdfObject) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{name}"): value for name, value in values.items()})


def _written(value: PdfObject) -> bytes:
    stream = io.BytesIO()
    value.write_to_stream(stream)
    return stream.getvalue()

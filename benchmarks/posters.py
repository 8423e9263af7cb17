"""What does a city's print file cost? `python benchmarks/posters.py [N] [--size A6] [--keep FILE.pdf]`.

Writes N stickers (26,000 unless told), four to an A4 page, with their index, and prints CPU seconds, size and
the peak of memory. The floor is the symbols alone, in the same run: a print file cannot cost less than its codes.
"""

import argparse
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs from a checkout that is not installed

from qr import codes, matrix, sheets
from qr.poster import Poster

STAIRWELLS = 600  # of one compound


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("posters", nargs="?", type=int, default=26_000)
    parser.add_argument("--size", choices=sheets.SIZES, default="A6")
    parser.add_argument("--keep", type=Path, help="where to keep the file")
    options = parser.parse_args()
    posters = made_up(options.posters)

    started, cpu = time.perf_counter(), cpu_seconds()
    with options.keep.open("wb") if options.keep else tempfile.TemporaryFile() as file:
        pages = sheets.write(posters, file, size=options.size, paper="A4")
        size = file.tell()
    spent, took = cpu_seconds() - cpu, time.perf_counter() - started
    own, largest_child = (peak(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))

    cpu = cpu_seconds()
    for poster in posters:
        matrix.matrix(poster.url)
    floor = cpu_seconds() - cpu

    print(f"posters       {len(posters):>9,} {options.size} on {pages:,} pages, index included")
    print(f"CPU           {spent:>9.1f} s, {spent / len(posters) * 1000:.2f} ms each ({took:.0f} s on the clock)")
    print(f"floor         {floor:>9.1f} s for the symbols alone; the file takes {spent / floor:.1f} times that")
    print(f"output        {size / 1e6:>9.1f} MB, {size / len(posters) / 1e3:.1f} kB each")
    print(f"peak memory   {own + largest_child:>9.0f} MB: {own:.0f} here and {largest_child:.0f} in the largest typst")


def made_up(count: int) -> list[Poster]:
    randbelow = random.Random(1).randrange
    return [
        Poster(
            code=codes.new_code(randbelow),
            origin="https://minqing.example.cn",
            compound=f"示范{number // STAIRWELLS + 1}村",
            place_label=f"{number % STAIRWELLS // 4 + 1}幢{number % 4 + 1}单元",
            duty_phone=f"0571-{randbelow(10**8):08d}",
            serial=f"SF{number // STAIRWELLS + 1:02d}-{number % STAIRWELLS // 4 + 1:03d}-{number % 4 + 1} v1",
        )
        for number in range(count)
    ]


def cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def peak(who: int) -> float:
    """MB; Linux counts in kibibytes, macOS in bytes."""
    most = resource.getrusage(who).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6


if __name__ == "__main__":
    main()

from collections import Counter

import pytest

from app.rules import catalogue
from app.training import sentences
from app.training.sentences import Example, problems

MANY = 40


@pytest.fixture(scope="module")
def shipped():
    return sentences.shipped()


def test_every_leaf_has_sentences_to_learn_from_and_none_says_the_same_twice(shipped):
    known = catalogue.default()
    assert list(problems(shipped, known)) == []
    counts = Counter(example.leaf for example in shipped)
    assert {leaf.code for leaf in known.leaves if counts[leaf.code] < MANY} == set()


def test_the_checker_names_each_mistake():
    known = catalogue.default()
    rows = [
        Example("XYZ-01", "楼道灯坏了"),
        Example("BLD-09", "二单元的感应灯不亮", ("BLD-09",)),
        Example("BLD-09", "？！"),
        Example("BLD-02", "电梯又停了"),
        Example("BLD-01", "电梯又停了。"),
        Example("ENV-02", "垃圾桶满了三天也没有人来收走真是太臭了"),
        Example("ENV-02", "垃圾桶满了三天也没有人来收走真是太臭啦"),
    ]
    said = list(problems(rows, known))
    assert [line.split()[0] for line in said] == ["XYZ-01", "BLD-09", "BLD-09", "BLD-01", "ENV-02"]
    assert "is no leaf" in said[0]
    assert "own alternative" in said[1]
    assert "without words" in said[2]
    assert "say the same" in said[3]
    assert "nearly the same" in said[4]


def test_a_file_or_a_folder_is_read_with_alternatives_and_times(tmp_path):
    (tmp_path / "a.csv").write_text("leaf,alt,text\nBLD-02,BLD-01|BLD-15,电梯停了\n", "utf-8")
    (tmp_path / "b.csv").write_text("leaf,alt,text,at\nENV-02,,垃圾满了,2026-11-02T08:00:00+08:00\n", "utf-8")
    first, second = sentences.read(tmp_path)
    assert first == Example("BLD-02", "电梯停了", ("BLD-01", "BLD-15"))
    assert (second.leaf, second.at.isoformat()) == ("ENV-02", "2026-11-02T08:00:00+08:00")
    assert sentences.read(tmp_path / "a.csv") == [first]


def test_a_sentence_may_say_that_it_is_urgent_or_not_whatever_its_leaf():
    lines = ["leaf,alt,urgent,text", "UTL-04,,1,电线断了垂在地上", "SAF-07,,0,去年的火早就灭了", "SAF-07,,,楼下着火了"]
    assert [row.urgent for row in sentences.parsed(lines)] == [True, False, None]

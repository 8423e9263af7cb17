"""The mechanical part of docs/wording.md: every Chinese text that a person reads, wherever it stands."""

import ast
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"
CATALOGUES = ("wording", "refusals", "notices", "figures", "board", "ledger", "registry", "demo")
CJK = "[\u4e00-\u9fff]"
CHINESE = re.compile(CJK)
QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`")
SPOKEN_ATTRIBUTES = re.compile(r'(?:placeholder|alt|title|aria-label|data-busy|content|value)="([^"]*)"')
HALF_WIDTH = re.compile(rf'{CJK}\s*[,;:!?()"]|[,;!?()"]{CJK}|{CJK}\.(?!\w)|■[,;]|\.\.\.')
LONGEST_SENTENCE = 45
NEVER = (
    *(
        "予以",
        "敬请",
        "贵方",
        "贵单位",
        "相关部门",
        "有关部门",
        "知悉",
        "烦请",
        "鉴于",
        "特此",
        "兹",
        "务必",
        "届时",
        "逾期",
    ),
    *(
        "给予",
        "加以",
        "进行处理",
        "系统繁忙",
        "操作失败",
        "提交失败",
        "非法",
        "未知错误",
        "不便之处",
        "如需",
        "即可",
        "须知",
    ),
    *("工单", "派工", "驳回", "处理人", "处理中", "客服", "房间号"),
    *("此码", "该用户", "您好，", "亲，", "哦", "啦", "！！"),
)


def of_template(path):
    """The words of a template: between tags, in spoken attributes, and in the strings of its own maps."""
    source = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    for block in re.findall(r"\{[%{](.*?)[%}]\}", source, flags=re.DOTALL):
        yield from (next(filter(None, found), "") for found in QUOTED.findall(block))
    plain = re.sub(r"\{%.*?%\}", "\n", re.sub(r"\{\{.*?\}\}", "■", source, flags=re.DOTALL), flags=re.DOTALL)
    yield from SPOKEN_ATTRIBUTES.findall(plain)
    yield from re.sub(
        r"</?(?:p|li|div|h\d|span|b|br|a|dt|dd|td|th|small|label|summary)\b[^>]*>|<[^>]*>", "\n", plain
    ).split("\n")


def of_catalogue(name):
    """Every string of a catalogue; keys are codes and not read."""

    def strings(node):
        if isinstance(node, str):
            yield node
        elif isinstance(node, dict | list):
            for one in node.values() if isinstance(node, dict) else node:
                yield from strings(one)

    yield from strings(yaml.safe_load((APP / "catalogue" / f"{name}.yaml").read_text("utf-8")))


def of_script(path):
    """The string constants of a script for browsers."""
    for line in path.read_text("utf-8").splitlines():
        code = re.sub(r"(^|\s)//.*$", "", line)
        yield from (re.sub(r"\$\{[^}]*\}", "■", next(filter(None, found), "")) for found in QUOTED.findall(code))


def of_errors():
    """The titles of coded refusals."""
    module = ast.parse((APP / "errors.py").read_text("utf-8"))
    docstrings = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


PLACES = {
    **{path.relative_to(APP).as_posix(): of_template(path) for path in sorted((APP / "templates").rglob("*.html"))},
    **{f"catalogue/{name}.yaml": of_catalogue(name) for name in CATALOGUES},
    **{path.relative_to(APP).as_posix(): of_script(path) for path in sorted((APP / "static").glob("*.js"))},
    "errors.py": of_errors(),
}
TEXTS = {place: sorted({text.strip() for text in texts if CHINESE.search(text)}) for place, texts in PLACES.items()}


def found(wrong):
    """Where `wrong` finds something in a text, as lines to read."""
    return [f"{place}: {text}" for place, texts in TEXTS.items() for text in texts if wrong(text)]


def test_the_texts_are_found_wherever_they_stand():
    kinds = {
        "templates/scan.html",
        "templates/desk/words.html",
        "catalogue/refusals.yaml",
        "static/page.js",
        "errors.py",
    }
    assert {place for place in kinds if TEXTS[place]} == kinds
    assert sum(map(len, TEXTS.values())) > 1_500


def test_punctuation_beside_chinese_is_full_width():
    assert found(HALF_WIDTH.search) == []


def test_nobody_is_called_by_the_familiar_you():
    assert found(lambda text: "你" in text) == []


@pytest.mark.parametrize("word", NEVER)
def test_no_officialese_no_chumminess(word):
    assert found(lambda text: word in text) == []


def test_a_sentence_is_short_enough_to_be_read_once():
    def long(text):
        sentences = re.split(r"[。！？；\n]", re.sub(r"\{[^}]*\}|https?\S+", "■", text))
        return any(len(CHINESE.findall(sentence)) > LONGEST_SENTENCE for sentence in sentences)

    assert found(long) == []

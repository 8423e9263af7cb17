"""Rules of the house that no single test of a feature would notice being broken."""

import ast
import re
import subprocess
import sys
import typing
from pathlib import Path

import pytest
from sqlalchemy import DateTime, PrimaryKeyConstraint, Time, UniqueConstraint
from sqlmodel import SQLModel

import app.models  # noqa: F401 -- registers every table
from app.errors import AppError
from app.models.base import Instant
from app.routers import ALL
from app.routers.deps import CALLERS
from app.rules import privacy, refusals, wording, workflow
from app.rules.chains import CHAINS
from app.rules.workflow import Door
from app.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "app").rglob("*.py"))
ROUTES = [route for router in ALL for route in router.routes]
TABLES = SQLModel.metadata.sorted_tables
MOST_LINES = 400


def name(path):
    return path.relative_to(ROOT).as_posix()


def tree(path):
    return ast.parse(path.read_text("utf-8"), str(path))


def calls(root):
    return (node for node in ast.walk(root) if isinstance(node, ast.Call))


# Routes


def dependencies(dependant):
    for inner in dependant.dependencies:
        yield inner.call
        yield from dependencies(inner)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{'-'.join(sorted(route.methods))} {route.path}")
def test_every_route_says_who_may_call_it(route):
    callers = [call for call in dependencies(route.dependant) if call in CALLERS]
    assert len(callers) == 1, f"declare exactly one of deps.CALLERS: {callers}"


def mentioned(annotation):
    """Every type inside an annotation, through generics and the fields of schemas."""
    seen, waiting = set(), [annotation]
    while waiting:
        kind = waiting.pop()
        if kind in seen or kind is None:
            continue
        seen.add(kind)
        waiting += typing.get_args(kind)
        waiting += [field.annotation for field in getattr(kind, "model_fields", {}).values()]
    return seen


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{'-'.join(sorted(route.methods))} {route.path}")
def test_no_route_takes_or_gives_a_table(route):
    hints = typing.get_type_hints(route.endpoint, include_extras=True)
    kinds = mentioned(route.response_model).union(*(mentioned(hint) for hint in hints.values()))
    assert not [kind for kind in kinds if hasattr(kind, "__table__")]


def test_no_two_routes_answer_the_same_call():
    taken = [(method, re.sub(r"{\w+", "{", route.path)) for route in ROUTES for method in route.methods]
    assert len(taken) == len(set(taken))


# Visibility


def test_only_the_gate_the_history_and_the_outbox_open_the_guard():
    allowed = {"app/history.py", "app/outbox.py"}
    opened = {
        name(path)
        for path in SOURCES
        for call in calls(tree(path))
        if getattr(call.func, "attr", "") == "execution_options" and "scope" in {word.arg for word in call.keywords}
    }
    assert {path for path in opened if not path.startswith("app/access/")} <= allowed
    assert allowed <= opened


def test_nobody_goes_round_the_guard_by_a_bare_connection():
    around = {"connection", "raw_connection", "exec_driver_sql", "engine"}
    found = {
        f"{name(path)}:{node.lineno} {node.attr}"
        for path in SOURCES
        if name(path) not in {"app/db.py", "app/migrating.py"}
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in around
    }
    assert found == set()


# Words


@pytest.mark.parametrize("verb", sorted({row.verb for row in workflow.TABLE}))
def test_every_verb_of_the_table_has_a_row_of_the_matrix_and_its_words(verb):
    assert verb in privacy.EVENT_ITEM
    assert wording.word("timeline", verb)
    if Door.SYSTEM not in {row.door for row in workflow.TABLE if row.verb is verb}:
        assert wording.word("verbs", verb)


def strings(expression, scope):
    """The string constants that an expression may stand for; a name is looked up in its function's assignments."""
    if isinstance(expression, ast.Constant):
        return {expression.value}
    if isinstance(expression, ast.IfExp):
        return strings(expression.body, scope) | strings(expression.orelse, scope)
    if isinstance(expression, ast.Name):
        if expression.id in {argument.arg for argument in (*scope.args.args, *scope.args.kwonlyargs)}:
            return set()  # handed on: whoever calls it is looked at too
        values = [
            node.value
            for node in ast.walk(scope)
            if isinstance(node, ast.Assign) and expression.id in {getattr(t, "id", "") for t in node.targets}
        ]
        if any(expression.id in looped(node.target) for node in ast.walk(scope) if isinstance(node, ast.For)):
            return set()  # one of several: whoever made them names them
        assert values, f"cannot tell what {expression.id} stands for"
        return set().union(*(strings(value, scope) for value in values))
    message = f"say the template of a message as a word: {ast.unparse(expression)}"
    raise AssertionError(message)


def looped(target):
    """The names that a loop gives values to."""
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def templates():
    """Every message template that the code names, those of the clocks' chains among them."""
    place = {"put": 1, "put_to_desk": 1, "tell_lead": 2, "tell_role": 3, "_put_about_a_desk": 1, "fromkeys": 1}
    yield from {step.template for chain in CHAINS.values() for step in chain}
    for path in SOURCES:
        for scope in (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)):
            for call in calls(scope):
                called = getattr(call.func, "attr", getattr(call.func, "id", ""))
                owner = getattr(getattr(call.func, "value", None), "id", "")
                if called == "put" and owner != "outbox":
                    continue
                if called == "fromkeys" and not (len(call.args) > 1 and isinstance(call.args[1], ast.Constant)):
                    continue
                if called == "fromkeys" and not isinstance(call.args[1].value, str):
                    continue
                if called in place:
                    yield from strings(call.args[place[called]], scope)


def test_every_message_has_its_words_and_no_words_are_left_over():
    swept = ROOT / "app" / "actions" / "sweep.py"
    lapses = {node.value for node in ast.walk(tree(swept)) if isinstance(node, ast.Constant)}
    known = set(wording.words()["messages"])
    assert set(filter(None, templates())) | (lapses & known) == known


def test_every_refusal_has_a_stable_code_of_its_own_and_chinese_words():
    def below(kind):
        return [kind, *(each for sub in kind.__subclasses__() for each in below(sub))]

    errors = below(AppError)
    codes = [error.code for error in errors]
    assert len(codes) == len(set(codes))
    for error in errors:
        assert re.fullmatch(r"[A-Z][A-Z_]+", error.code)
        assert re.search(r"[\u4e00-\u9fff]", error.title)
        assert 400 <= error.status < 600


# Tables


def test_every_instant_in_a_table_is_aware():
    """A day has no zone: it is one of the local calendar."""
    kinds = {f"{table.name}.{column.name}": column.type for table in TABLES for column in table.columns}
    assert any(isinstance(kind, Instant) for kind in kinds.values())
    assert [column for column, kind in kinds.items() if isinstance(kind, DateTime | Time)] == []


def test_every_foreign_key_is_indexed():
    """An index, a unique constraint or the primary key that begins with the column."""
    bare = []
    for table in TABLES:
        unique = [rule for rule in table.constraints if isinstance(rule, PrimaryKeyConstraint | UniqueConstraint)]
        first = {next(iter(group.columns)).name for group in (*table.indexes, *unique) if list(group.columns)}
        bare += [f"{table.name}.{c.name}" for c in table.columns if c.foreign_keys and c.name not in first]
    assert bare == []


def test_no_table_reaches_another_by_itself():
    """Visibility is in the queries of app.access; a relationship would load rows past them."""
    assert [m.class_.__name__ for m in SQLModel._sa_registry.mappers if list(m.relationships)] == []


# The house


def test_the_contracts_of_who_may_import_whom_are_kept():
    command = [Path(sys.executable).with_name("lint-imports"), "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("room", ["app", "qr", "tests"])
def test_files_stay_short_enough_to_read(room):
    lengths = {
        name(path): len(path.read_text("utf-8").splitlines())
        for path in (ROOT / room).rglob("*")
        if path.suffix in {".py", ".html", ".js"}
    }
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_only_settings_reads_the_environment_and_only_the_clock_reads_the_time():
    banned = {"os.environ": "app/settings.py", "os.getenv": "app/settings.py", "datetime.now": "app/clock.py"}
    for path in SOURCES:
        code = ast.unparse(tree(path))
        for words, only in banned.items():
            assert words not in code or name(path) == only, f"{name(path)}: {words}"


# Papers


def test_every_setting_stands_in_the_readme_with_what_it_does():
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    for field, info in Settings.model_fields.items():
        setting = info.validation_alias or PREFIX + field.upper()
        row = [line for line in lines if line.startswith("|") and f"`{setting}`" in line and info.description in line]
        assert row, setting


def test_the_readme_names_no_setting_that_does_not_exist():
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    named = set(re.findall(r"MINQING_[A-Z_]+", (ROOT / "README.md").read_text("utf-8")))
    assert {setting for setting in named if not setting.startswith("MINQING_TEST_")} <= known


def test_every_decision_is_in_the_index_and_every_line_of_the_index_is_a_decision():
    folder = ROOT / "docs" / "decisions"
    files = {path.name for path in folder.glob("[0-9]*.md")}
    assert files
    assert set(re.findall(r"\((?:\./)?(\d{4}[^)]*\.md)\)", (folder / "README.md").read_text("utf-8"))) == files
    assert sorted(file[:4] for file in files) == [f"{number:04d}" for number in range(1, len(files) + 1)]


@pytest.mark.parametrize("paper", sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md")), ids=lambda p: p.stem)
def test_every_decision_says_why_what_follows_and_what_enforces_it(paper):
    headings = re.findall(r"^## (.*)$", paper.read_text("utf-8"), re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences", "Alternatives", "What enforces it"]


# Words


CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAYS_IT_ITSELF = {
    "app/errors.py",  # the catalogue of coded refusals
    "app/__main__.py",  # what an operator reads on a terminal
    "app/caretaking.py",
    "app/main.py",  # the product's name
    "app/access/names.py",
    "app/routers/api/desk_verbs.py",  # the API's own guide
    "app/rules/wording.py",  # how a day is said
    "app/rules/phones.py",  # what people write before an extension
    "app/rules/place.py",  # what people write for a place
    "app/rules/data_map.py",  # generated pages, in English with the words of the pages they speak of
    "app/rules/figures.py",
    "app/rules/retention.py",
}


def spoken(path):
    """The Chinese string constants of a module that are no docstrings."""
    module = tree(path)
    docstrings = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
        and CHINESE.search(node.value)
    ]


def test_what_people_read_stands_in_catalogues_and_templates():
    rooms = {path.relative_to(ROOT).as_posix(): path for path in SOURCES if "redaction" not in path.parts}
    found = {name for name, path in rooms.items() if spoken(path)}
    assert found == SAYS_IT_ITSELF


def test_every_refusal_that_is_said_has_its_sentence_and_no_sentence_is_left_over():
    said = {
        call.args[0].value for path in SOURCES for call in calls(tree(path)) if ast.unparse(call.func) == "refusals.say"
    }
    assert said == set(refusals.sentences())

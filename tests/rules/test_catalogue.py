import re

import pytest
import yaml

from app.rules import catalogue
from app.rules.catalogue import OTHER, InconsistentCatalogueError, UnknownCategoryError
from app.rules.vocabulary import Complexity, Flag, Role, Scope

OVERSEERS = {Role.COMMUNITY, Role.STREET, Role.ADMIN}

SMALL = """
version: 1
owners: {OWNERS}
overseers: {community: 社区, street: 街道, admin: 系统管理员}
flags: {FLAGS}
tops:
  - {code: GOV, name: 物业与自治, name_en: Governance}
leaves:
  - code: GOV-99
    name: 其他
    name_en: Other
    parent: GOV
    lead: grid_head
    co: [police]
    complexity: complex
    scope: mixed
    menu: true
    external: ['110']
    flags: []
    keywords: [其他]
    patterns: [门+坏|破]
""".replace("OWNERS", ", ".join(f"{role}: {role}" for role in Role if role not in OVERSEERS)).replace(
    "FLAGS", ", ".join(f"{flag}: {flag}" for flag in Flag)
)


@pytest.fixture(scope="module")
def shipped():
    return catalogue.default()


def test_the_shipped_catalogue_has_twelve_classes_and_a_hundred_leaves(shipped):
    assert (len(shipped.tops), len(shipped.leaves)) == (12, 100)
    assert sum(len(shipped.children(top.code)) for top in shipped.tops) == 100


def test_it_is_read_once(shipped):
    assert catalogue.default() is shipped


def test_every_leaf_has_exactly_one_lead_who_may_lead(shipped):
    for leaf in shipped.leaves:
        assert isinstance(leaf.lead, Role), leaf.code
        assert leaf.lead not in OVERSEERS, leaf.code
        assert leaf.lead not in leaf.co, leaf.code


def test_every_leaf_can_be_found_by_words_or_is_the_place_for_everything_else(shipped):
    assert all(leaf.keywords for leaf in shipped.leaves)
    assert shipped.leaf(OTHER).lead is Role.GRID_HEAD


def test_a_leaf_knows_who_leads_what_it_asks_and_how_urgent_it_is(shipped):
    gas = shipped.leaf("SAF-06")
    assert (gas.lead, gas.co) == (Role.PROPERTY, (Role.POLICE, Role.GRID_HEAD))
    assert (gas.complexity, gas.scope, gas.menu) == (Complexity.EMERGENCY, Scope.MIXED, True)
    assert gas.flags == {Flag.HOTLINE_FIRST}
    assert "119" in gas.external


def test_leaves_that_need_the_law_are_led_by_an_agency(shipped):
    agencies = {Role.POLICE, Role.TRAFFIC_POLICE, Role.URBAN_MGMT, Role.MARKET_REG}
    assert {leaf.lead for leaf in shipped.leaves if Flag.NEEDS_POWER in leaf.flags} <= agencies


def test_harm_at_home_is_reported_shielded_and_shows_a_number_first(shipped):
    assert shipped.leaf("SVC-10").flags >= {
        Flag.MANDATORY_REPORT,
        Flag.IDENTITY_SHIELD,
        Flag.SENSITIVE_PI,
        Flag.HOTLINE_FIRST,
    }


def test_the_menu_offers_some_leaves_and_always_the_rest(shipped):
    codes = [leaf.code for leaf in shipped.menu()]
    assert OTHER in codes
    assert 8 <= len(codes) < len(shipped.leaves)


def test_every_role_has_a_chinese_title_and_every_flag_a_chinese_meaning(shipped):
    for text in [*(shipped.title(role) for role in Role), *(shipped.meaning(flag) for flag in Flag)]:
        assert re.fullmatch(r"[\u4e00-\u9fff，、]+", text)
    assert [shipped.title(role) for role in ("grid_head", "community", "street", "admin")] == [
        "网格长",
        "社区",
        "街道",
        "系统管理员",
    ]


@pytest.mark.parametrize("code", ["SAF-00", "saf-01", "SAF", ""])
def test_an_unknown_leaf_is_an_error_of_its_own(shipped, code):
    with pytest.raises(UnknownCategoryError):
        shipped.leaf(code)


@pytest.mark.parametrize("code", ["XXX", "SAF-01"])
def test_an_unknown_class_is_one_too(shipped, code):
    with pytest.raises(UnknownCategoryError):
        shipped.top(code)
    with pytest.raises(UnknownCategoryError):
        shipped.children(code)


def test_a_compound_may_bring_its_own_catalogue():
    own = catalogue.load(SMALL)
    assert own.leaf(OTHER).external == ("110",)
    assert [leaf.code for leaf in own.children("GOV")] == [OTHER]


@pytest.mark.parametrize(
    ("found", "put", "complaint"),
    [
        ("lead: grid_head", "lead: mayor", "lead"),
        ("lead: grid_head", "lead: community", "community is not an owner"),
        ("lead: grid_head", "lead: [grid_head, police]", "lead"),
        ("    lead: grid_head\n", "", "lead"),
        ("    lead: grid_head\n", "    lead: grid_head\n    lead: police\n", "'lead' is there twice"),
        ("co: [police]", "co: [grid_head]", "grid_head has two parts"),
        ("co: [police]", "co: [street]", "street is not an owner"),
        ("    flags: []", "    flags: [explosive]", "flags"),
        ("complexity: complex", "complexity: hard", "complexity"),
        ("scope: mixed", "scope: secret", "scope"),
        ("parent: GOV", "parent: SAF", "unknown parent SAF"),
        ("code: GOV-99", "code: GOV-1", "GOV-99 is missing"),
        ("leaves:", "  - {code: GOV, name: 又一个, name_en: Again}\nleaves:", "GOV is there twice"),
        ("external: ['110']", "external: [110]", "external"),
        ("keywords: [其他]", "keywords: [其他, 其他]", "keyword 其他 is there twice"),
        ("patterns: [门+坏|破]", "patterns: [门+坏|]", "is empty"),
        ("    menu: true", "    menu: true\n    colour: red", "colour"),
        ("community: 社区, ", "", "community has no title"),
        ("elder_care: elder_care, ", "", "elder_care has no meaning"),
        ("version: 1", "version: [", "expected"),
    ],
)
def test_a_catalogue_that_contradicts_itself_does_not_load(found, put, complaint):
    broken = SMALL.replace(found, put, 1)
    assert broken != SMALL
    with pytest.raises(InconsistentCatalogueError, match=complaint):
        catalogue.load(broken)


def test_a_leaf_that_is_there_twice_does_not_load():
    source = yaml.safe_load(SMALL)
    source["leaves"] *= 2
    with pytest.raises(InconsistentCatalogueError, match="GOV-99 is there twice"):
        catalogue.load(yaml.safe_dump(source, allow_unicode=True))

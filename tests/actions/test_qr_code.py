import threading

import pytest
from sqlmodel import select

from app.actions import qr_code
from app.errors import CodeRevokedError, InvalidError, NotFoundError, VerbNotYoursError
from app.models.qr_code import QrCode
from app.queries import qr_code as queries
from app.rules.vocabulary import CodeStatus, Role
from app.schemas.qr_code import BatchIn, RevocationIn
from qr import codes
from tests.builders import MONDAY, build_world
from tests.registry_builders import ADMIN, staff_of

ORIGIN = "https://mq.example.cn"


def make(database, world, who=ADMIN, **form):
    with database.write() as session:
        return qr_code.make_batch(session, who, BatchIn(compound=world.compound, **form), now=MONDAY, origin=ORIGIN)


def revoke(database, code, who=ADMIN, reason="被撕了"):
    with database.write() as session:
        return qr_code.revoke(session, who, code, RevocationIn(reason=reason), now=MONDAY, origin=ORIGIN)


def standing(database):
    with database.read() as session:
        return {row.code: (row.status, row.version) for row in session.exec(select(QrCode))}


def test_a_batch_makes_codes_only_where_none_is_active(database, world):
    assert make(database, world).codes == []
    revoke(database, world.codes["2幢1单元"])
    (made,) = make(database, world).codes
    assert (made.label, made.version, made.status) == ("2幢1单元", 2, CodeStatus.ACTIVE)
    assert made.code not in world.codes.values()
    assert made.url == f"{ORIGIN}/s/{made.code}"
    assert codes.is_valid(made.code)


def test_a_reissue_makes_new_codes_for_all_and_the_old_ones_go_on_in_grace(database, world):
    made = make(database, world, reissue=True)
    assert [(code.label, code.version) for code in made.codes] == [(label, 2) for label in sorted(world.codes)]
    seen = standing(database)
    assert {seen[old] for old in world.codes.values()} == {(CodeStatus.GRACE, 1)}
    assert make(database, world).codes == []


def test_a_revoked_code_stays_revoked_through_every_reissue(database, world):
    revoke(database, world.code)
    make(database, world, reissue=True)
    assert standing(database)[world.code] == (CodeStatus.REVOKED, 1)
    assert revoke(database, world.code, reason="又撕了").status is CodeStatus.REVOKED
    with database.read() as session:
        assert session.exec(select(QrCode.revoke_reason).where(QrCode.code == world.code)).one() == "被撕了"


def test_batches_made_at_the_same_time_cover_every_stairwell_once(database, world):
    for code in world.codes.values():
        revoke(database, code)
    made, together = [], threading.Barrier(3)

    def run():
        together.wait()
        made.append(len(make(database, world).codes))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [0, 0, 4]


def test_a_code_that_was_ever_used_is_drawn_again(sqlite_database, monkeypatch):
    world = build_world(sqlite_database)
    revoke(sqlite_database, world.code)
    fresh = codes.new_code()
    draws = iter([world.code, fresh])
    monkeypatch.setattr(codes, "new_code", lambda: next(draws))
    assert [code.code for code in make(sqlite_database, world).codes] == [fresh]


def test_only_active_codes_are_printed(sqlite_database):
    world = build_world(sqlite_database)
    batch = make(sqlite_database, world, reissue=True)
    revoke(sqlite_database, batch.codes[0].code)
    with sqlite_database.read() as session:
        sheet = queries.posters(session, ADMIN, batch.id, ORIGIN)
        whole = queries.compound_posters(session, ADMIN, world.compound, ORIGIN)
        seen = queries.batch(session, ADMIN, batch.id, ORIGIN)
    assert [poster.place_label for poster in sheet.posters] == ["1幢2单元", "2幢1单元", "2幢2单元"]
    assert {poster.code for poster in whole.posters} == {code.code for code in batch.codes[1:]}
    assert (sheet.posters[0].compound, sheet.posters[0].duty_phone) == ("绿荷苑", "0571-00000000")
    assert sheet.file_name == f"绿荷苑民情二维码第{batch.id}批.pdf"
    assert [code.status for code in seen.codes] == ["revoked", "active", "active", "active"]


def test_a_batch_without_active_codes_cannot_be_printed(sqlite_database):
    world = build_world(sqlite_database)
    batch = make(sqlite_database, world)
    with sqlite_database.read() as session, pytest.raises(InvalidError):
        queries.posters(session, ADMIN, batch.id, ORIGIN)


def test_a_symbol_holds_the_address_in_capitals_and_a_revoked_code_has_none(sqlite_database):
    world = build_world(sqlite_database)
    with sqlite_database.read() as session:
        text = queries.symbol(session, ADMIN, codes.display(world.code).lower(), ORIGIN)
    assert text == f"HTTPS://MQ.EXAMPLE.CN/S/{world.code}"
    revoke(sqlite_database, world.code)
    with sqlite_database.read() as session, pytest.raises(CodeRevokedError):
        queries.symbol(session, ADMIN, world.code, ORIGIN)


@pytest.mark.parametrize("role", list(Role))
def test_grid_heads_and_administrators_manage_codes_and_secretaries_may_print(sqlite_database, role):
    world = build_world(sqlite_database)
    who = staff_of(world, role)
    batch = make(sqlite_database, world, reissue=True)
    with sqlite_database.read() as session:
        if role in {Role.GRID_HEAD, Role.ADMIN, Role.COMMITTEE_SECRETARY}:
            assert len(queries.posters(session, who, batch.id, ORIGIN).posters) == 4
            assert queries.code(session, who, world.code, ORIGIN).label == "1幢1单元"
        else:
            for ask in (
                lambda: queries.posters(session, who, batch.id, ORIGIN),
                lambda: queries.batch(session, who, batch.id, ORIGIN),
                lambda: queries.compound_posters(session, who, world.compound, ORIGIN),
                lambda: queries.code(session, who, world.code, ORIGIN),
            ):
                with pytest.raises(NotFoundError):
                    ask()
    if role in {Role.GRID_HEAD, Role.ADMIN}:
        assert len(make(sqlite_database, world, who, reissue=True).codes) == 4
        assert revoke(sqlite_database, world.code, who).status is CodeStatus.REVOKED
    else:
        with pytest.raises(VerbNotYoursError):
            make(sqlite_database, world, who)
        with pytest.raises(VerbNotYoursError):
            revoke(sqlite_database, world.code, who)


def test_codes_of_another_compound_are_not_there(sqlite_database):
    world = build_world(sqlite_database)
    stranger = staff_of(build_world(sqlite_database, compound="SHQ", name="石灰桥新村"), Role.GRID_HEAD)
    with pytest.raises(NotFoundError):
        make(sqlite_database, world, stranger)
    with pytest.raises(NotFoundError):
        revoke(sqlite_database, world.code, stranger)


def test_a_reason_that_is_too_long_is_refused(sqlite_database):
    world = build_world(sqlite_database)
    with pytest.raises(ValueError, match="100"):
        revoke(sqlite_database, world.code, reason="撕" * 101)

"""What was promised to be deleted is deleted, when it was promised and nothing before, and the count of it is kept."""

import io
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select, update
from sqlmodel import SQLModel

import app.access.expiry
from app import outbox, retaining, worker
from app.access import upkeep
from app.access.limits import take
from app.models.access_log import AccessLog
from app.models.contact import Contact
from app.models.event import Event
from app.models.idempotency import IdempotencyKey
from app.models.limit import LimitCount
from app.models.message import Message
from app.models.photo import Photo
from app.models.place import Stairwell
from app.models.rating import Rating
from app.models.retention import RetentionRun
from app.models.slip import SlipLink
from app.models.staff import StaffToken
from app.models.ticket import Consent, Ticket
from app.models.visit import Visit, VisitPlan
from app.rules import retention, sla
from app.rules.limits import Limited, Try
from app.storage import Folder
from tests.builders import MONDAY, NOTICE, desk, key, secret, slip_of, slip_verb, submit, triage, verb
from tests.pages.desk_browser import as_, at
from tests.pages.reading import opened

DAY = timedelta(days=1)
WORDS = ("电梯里说的金丝雀", "金丝雀的角落", "金丝雀后来补充", "金丝雀的评价")
PERSON = {"name": "金丝雀", "phone": "13912345678", "room": "1402"}


@pytest.fixture
def files(settings):
    return Folder(settings.data_dir / "uploads")


def rows(database, table, *conditions):
    with database.read() as session:
        query = select(func.count()).select_from(table).where(*conditions)
        return session.execute(query.execution_options(scope="test")).scalar_one()


def the(database, table):
    with database.read() as session:
        return session.execute(select(table).execution_options(scope="test")).scalars().first()


def png():
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return {"file": ("a.png", out.getvalue(), "image/png")}


def a_whole_matter(client, world, time):
    """Submitted with everything, looked at, worked on, judged and closed out, all on one day."""
    photo = client.post("/api/v1/uploads", files=png()).json()["id"]
    receipt = submit(
        client,
        world,
        text=WORDS[0],
        spot=WORDS[1],
        photos=[photo],
        contact=PERSON,
        consent={"notice_version": NOTICE, "contact": True},
    )
    triage(client, world, receipt, redacted_text="电梯有异响", cleared_photos=[photo])
    assert verb(client, world, "grid_head", receipt, "reveal", fields=["phone"], purpose="contact").status_code == 200
    path = f"/api/v1/tickets/{receipt['number']}"
    assert client.post(f"{path}/info", json={"text": WORDS[2]}, headers=secret(receipt)).status_code == 201
    slip_no = slip_of(client, world, "property")["slip_no"]
    assert slip_verb(client, world, "property", slip_no, "done", text="修好了").status_code == 200
    assert verb(client, world, "grid_head", receipt, "confirm", text="已修好").status_code == 200
    body = {"solved": "yes", "stars": 5, "text": WORDS[3]}
    assert client.post(f"{path}/rating", json=body, headers=secret(receipt) | key()).status_code == 201
    return receipt, photo


def run(database, files, now):
    return {name: count for name, count in retaining.retain(database, files, now).counts.items() if count}


def everything(database, files):
    """All rows and all file names, to tell whether anything changed."""
    with database.read() as session:
        tables = {
            table.name: session.execute(select(table).execution_options(scope="test")).all()
            for table in SQLModel.metadata.sorted_tables
        }
    return {name: sorted(map(repr, found)) for name, found in tables.items()}, sorted(files.keys(MONDAY + 9999 * DAY))


def test_nothing_goes_while_a_matter_is_open_however_old_it_is(client, world, database, files, time):
    submit(client, world, contact=PERSON, consent={"notice_version": NOTICE, "contact": True})
    done = run(database, files, MONDAY + 900 * DAY)
    assert done.keys().isdisjoint({"contact", "photos", "words", "consents", "access_log"})
    assert rows(database, Contact) == 1


def test_contact_and_photos_go_180_days_after_closing_and_the_pages_say_so(client, world, database, files, time):
    receipt, photo = a_whole_matter(client, world, time)
    due = MONDAY + 180 * DAY
    before = run(database, files, due - timedelta(seconds=1))
    assert before.keys().isdisjoint({"contact", "photos", "words"})
    assert (rows(database, Contact), len(files.get(photo)) > 0) == (1, True)
    done = run(database, files, due)
    assert (done["contact"], done["photos"]) == (1, 1)
    assert (rows(database, Contact), rows(database, Photo)) == (0, 0)
    with pytest.raises(FileNotFoundError):
        files.get(photo)
    time.set(due)
    own = client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).json()
    assert own["text"] == WORDS[0]  # words are kept for longer
    assert (own["photos"], [entry["photos"] for entry in own["timeline"] if entry["photos"]]) == ([], [])
    assert own["person_expired_at"] == due.astimezone(sla.SHANGHAI).isoformat()
    page = opened(client, receipt["url"].removeprefix("http://testserver"))
    assert (page.status, "您留的联系方式和照片已按期限删除" in page.text) == (200, True)
    seen = desk(client, world, "grid_head", receipt).json()
    assert (seen["contact"], seen["photos"]) == ({}, [])
    told = opened(as_(client, world, "grid_head"), at(receipt))
    assert (told.status, "联系方式和照片已按期限删除" in told.text) == (200, True)
    revealed = verb(client, world, "grid_head", receipt, "reveal", fields=["phone", "photos"], purpose="contact")
    assert revealed.json() in ({"phone": None, "photos": []}, {"photos": []})


def test_words_go_a_year_after_closing_and_the_redacted_copy_stays(client, world, database, files, time):
    receipt, _ = a_whole_matter(client, world, time)
    due = MONDAY + 365 * DAY
    assert "words" not in run(database, files, due - timedelta(seconds=1))
    assert run(database, files, due)["words"] == 1
    ticket = the(database, Ticket)
    assert (ticket.text_sealed, ticket.spot_sealed, ticket.device_hash) == (b"", None, None)
    assert rows(database, Rating, Rating.text_sealed.is_not(None)) == 0
    assert rows(database, Event, Event.actor == "reporter", Event.words_sealed.is_not(None)) == 0
    with database.read() as session:
        events = session.execute(select(Event).execution_options(scope="test")).scalars().all()
    assert not [event for event in events if "evidence" in event.facts]
    time.set(due)
    own = client.get(f"/api/v1/tickets/{receipt['number']}", headers=secret(receipt)).json()
    assert "已修好" in str(own["timeline"])  # what was answered stays
    seen = desk(client, world, "grid_head", receipt).json()
    assert (seen["redacted_text"], seen["rating"]["stars"], seen["rating"]["text"]) == ("电梯有异响", 5, None)
    told = opened(as_(client, world, "grid_head"), at(receipt))
    assert (told.status, "已按期限删除" in told.text) == (200, True)
    page = opened(client, receipt["url"].removeprefix("http://testserver"))
    assert (page.status, "原话已按期限删除" in page.text) == (200, True)
    for answer in (str(own), str(seen), told.text, page.text):
        assert not [word for word in WORDS if word in answer]
    found = client.get("/api/v1/desk/tickets", params={"q": "异响", "status": "closed"}, headers=world.as_("grid_head"))
    assert [item["number"] for item in found.json()["items"]] == [receipt["number"]]


def test_consents_and_the_log_go_after_three_years_and_the_newest_line_stays(client, world, database, files, time):
    a_whole_matter(client, world, time)
    second, _ = a_whole_matter(client, world, time)
    verb(client, world, "grid_head", second, "reveal", fields=["phone"], purpose="contact")
    lines = rows(database, AccessLog)
    due = MONDAY + 3 * 365 * DAY
    assert run(database, files, due - timedelta(seconds=1)).keys().isdisjoint({"consents", "access_log"})
    assert run(database, files, due)["access_log"] == lines - 1
    assert (rows(database, Consent), rows(database, AccessLog)) == (0, 1)
    with database.read() as session:
        assert list(upkeep.broken_links(session)) == []
        assert [(end.lines, end.first, end.last) for end in upkeep.log_ends(session)] == [(1, lines, lines)]
    time.set(due + DAY)
    third, _ = a_whole_matter(client, world, time)
    verb(client, world, "grid_head", third, "reveal", fields=["phone"], purpose="contact")
    with database.read() as session:
        assert list(upkeep.broken_links(session)) == []


def test_a_clock_that_goes_wrong_makes_no_hole_in_the_log(client, world, database, files, time):
    receipt, _ = a_whole_matter(client, world, time)
    for days in (1, -30, 2):  # the second line was written by a machine whose clock was a month slow
        time.set(MONDAY + days * DAY)
        verb(client, world, "grid_head", receipt, "reveal", fields=["phone"], purpose="contact")
    run(database, files, MONDAY + 3 * 365 * DAY)
    with database.read() as session:
        assert list(upkeep.broken_links(session)) == []
        seqs = session.execute(select(AccessLog.seq).order_by(AccessLog.seq).execution_options(scope="test")).scalars()
        assert list(seqs) == [2, 3, 4]


def test_uploads_that_nobody_attached_go_after_a_day_and_their_files_too(client, world, database, files, time):
    loose = client.post("/api/v1/uploads", files=png()).json()["id"]
    kept = client.post("/api/v1/uploads", files=png()).json()["id"]
    submit(client, world, photos=[kept])
    assert "uploads" not in run(database, files, MONDAY + DAY - timedelta(seconds=1))
    assert run(database, files, MONDAY + DAY)["uploads"] == 1
    assert rows(database, Photo) == 1
    assert sorted(files.keys(MONDAY + 9999 * DAY)) == [kept]
    assert loose != kept


def test_files_that_no_row_names_go_and_a_folder_of_another_database_is_left_alone(client, world, database, files):
    now = datetime.fromtimestamp(Path().stat().st_mtime, tz=MONDAY.tzinfo) + 400 * DAY
    photo = client.post("/api/v1/uploads", files=png()).json()["id"]
    submit(client, world, photos=[photo])
    files.put("0" * 32, b"left by a crash")
    assert retaining.retain(database, files, now).counts["stray_files"] == 1
    assert list(files.keys(now)) == [photo]
    for number in range(30):
        files.put(f"{number:032x}", b"of somebody else")
    done = retaining.retain(database, files, now)
    assert (done.counts["stray_files"], done.doubtful) == (0, 30)
    assert len(list(files.keys(now))) == 31


def test_what_is_of_no_use_any_more_goes(client, world, database, files, time):
    receipt = submit(client, world)
    slip_no = slip_of(client, world, "property")["slip_no"]
    link = f"/api/v1/desk/tickets/{receipt['number']}/slips/{slip_no}/link"
    assert client.post(link, headers=world.as_("grid_head")).status_code == 201
    with database.write() as session:
        account = world.accounts["police"]
        session.execute(
            update(StaffToken).where(StaffToken.account_id == account).values(expires_at=MONDAY - timedelta(hours=1))
        )
        take(session, [Try(Limited.EMERGENCY_RING, "a")], MONDAY)
        for message in outbox.claim(session, MONDAY):
            outbox.settle(session, [message.id], MONDAY)
    sent, tokens = rows(database, Message, Message.status == "sent"), rows(database, StaffToken)
    assert sent

    def gone(now):
        return Counter(run(database, files, now))

    assert gone(MONDAY + timedelta(minutes=9))["limits"] == 0
    assert gone(MONDAY + timedelta(minutes=10))["limits"] == 1
    assert gone(MONDAY + timedelta(hours=23))["sessions"] == 1
    assert gone(MONDAY + 2 * DAY)["idempotency"] == 1
    assert gone(MONDAY + 33 * DAY)["slip_links"] == 1
    assert gone(MONDAY + 90 * DAY)["messages"] == sent
    left = [rows(database, table) for table in (LimitCount, IdempotencyKey, SlipLink)]
    assert (left, rows(database, StaffToken)) == ([0, 0, 0], tokens - 1)
    assert rows(database, Message, Message.status == "sent") == 0


def test_whoever_was_visited_is_forgotten_half_a_year_after_the_visits_have_ended(world, database, files):
    with database.write() as session:
        for ended, ends in ((MONDAY, MONDAY + 300 * DAY), (None, MONDAY + 300 * DAY)):
            plan = VisitPlan(
                compound_id=world.compound_id,
                stairwell_id=session.execute(select(Stairwell.id)).scalars().first(),
                kind="visit",
                consent="voice",
                every_days=7,
                next_on="2027-03-08",
                visitor_id=world.accounts["grid_head"],
                ends_at=ends,
                ended_at=ended,
                created_by=world.accounts["grid_head"],
                created_at=MONDAY,
            )
            session.add(plan)
            session.flush()
            session.add(Visit(plan_id=plan.id, at=MONDAY, account_id=world.accounts["grid_head"], result="fine"))
    assert "visit_plans" not in run(database, files, MONDAY + 180 * DAY - timedelta(seconds=1))
    assert run(database, files, MONDAY + 180 * DAY)["visit_plans"] == 1
    assert (rows(database, VisitPlan), rows(database, Visit)) == (1, 1)
    assert run(database, files, MONDAY + 480 * DAY)["visit_plans"] == 1


def test_a_dry_run_counts_what_a_run_does_and_changes_nothing(client, world, database, files, time):
    for _ in range(3):
        a_whole_matter(client, world, time)
    now = MONDAY + 4 * 365 * DAY
    before = everything(database, files)
    counted = retaining.due(database, files, now)
    assert everything(database, files) == before
    assert counted.counts["contact"] == counted.counts["words"] == counted.counts["consents"] == 3
    assert retaining.retain(database, files, now).counts == counted.counts
    again = retaining.retain(database, files, now)
    assert not any(again.counts.values())


def test_a_run_is_logged_as_counts_and_nothing_else(client, world, database, files, time):
    a_whole_matter(client, world, time)
    retaining.retain(database, files, MONDAY + 400 * DAY)
    logged = the(database, RetentionRun)
    assert logged.started_at == logged.finished_at == MONDAY + 400 * DAY
    assert set(logged.counts) == {rule.name for rule in retention.RULES}
    assert (logged.counts["contact"], logged.counts["words"]) == (1, 1)
    assert all(type(count) is int for count in logged.counts.values())


def test_every_rule_has_its_executor_and_every_executor_its_rule():
    names = [rule.name for rule in retention.RULES]
    assert len(names) == len(set(names))
    assert set(app.access.expiry.ERASERS) | {"stray_files"} == set(names)


def test_many_are_erased_in_batches(client, world, database, files, time, monkeypatch):
    monkeypatch.setattr(retaining, "BATCH", 2)
    for _ in range(5):
        a_whole_matter(client, world, time)
    done = retaining.retain(database, files, MONDAY + 400 * DAY).counts
    assert (done["contact"], done["photos"], done["words"]) == (5, 5, 5)


def test_a_run_that_dies_between_rows_and_files_leaves_nothing_for_good(client, world, database, files, time):
    _, photo = a_whole_matter(client, world, time)

    class Dies(Folder):
        def remove(self, key):
            raise KeyboardInterrupt

    now = datetime.fromtimestamp(Path().stat().st_mtime, tz=MONDAY.tzinfo) + 900 * DAY
    with pytest.raises(KeyboardInterrupt):
        retaining.retain(database, Dies(files._root), now)
    assert files.get(photo)
    assert retaining.retain(database, files, now).counts["stray_files"] == 1
    assert list(files.keys(now)) == []


# Once a day


def hour(day, clock):
    return datetime.combine((MONDAY + day * DAY).astimezone(sla.SHANGHAI).date(), clock, sla.SHANGHAI)


def test_the_worker_erases_once_a_day_in_the_small_hours(database, files):
    from datetime import time as at_clock

    early, on_time, later = (hour(1, at_clock(*clock)) for clock in ((3, 29), (3, 30), (23, 59)))
    assert retaining.daily(database, files, early) is None
    assert retaining.daily(database, files, on_time) is not None
    assert retaining.daily(database, files, later) is None
    assert retaining.daily(database, files, hour(2, at_clock(3, 30))) is not None
    assert rows(database, RetentionRun) == 2


def test_of_eight_workers_exactly_one_does_the_days_run(database, files):
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: retaining.daily(database, files, MONDAY), range(8)))
    assert sum(run is not None for run in done) == 1


def test_a_run_that_never_came_to_an_end_is_taken_over_after_two_hours(database, files):
    with database.write() as session:
        assert retaining.claim_daily(session, MONDAY) is not None
    assert retaining.daily(database, files, MONDAY + timedelta(minutes=119)) is None
    assert retaining.daily(database, files, MONDAY + timedelta(minutes=120)) is not None
    assert retaining.daily(database, files, MONDAY + timedelta(minutes=300)) is None


def test_the_workers_loop_erases_and_goes_on_when_that_fails(database, files, time, monkeypatch):
    worker._retain(database, files)
    assert rows(database, RetentionRun, RetentionRun.finished_at.is_not(None)) == 1
    monkeypatch.setattr(retaining, "daily", lambda *_: 1 / 0)
    worker._retain(database, files)

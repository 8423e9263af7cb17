"""The reporter's rights over their data, as JSON: look, correct, erase, restrict, agree and take back."""

from fastapi import APIRouter

from app.actions import rights as actions
from app.queries import rights as queries
from app.routers.deps import Db, Files, Now, Reporter
from app.routers.problems import problems
from app.schemas.rights import ConsentChangeIn, CorrectIn, DataView, ErasedView, RestrictIn

router = APIRouter(prefix="/api/v1/tickets/{number}/data", tags=["resident"])


@router.get("", responses=problems(404, 429))
def data(reporter: Reporter, db: Db) -> DataView:
    """查看我的信息: everything held about the reporter, who looked, why it went where it went, how long it is kept."""
    with db.read() as session:
        return queries.data(session, reporter)


@router.patch("", responses=problems(404, 429))
def correct(form: CorrectIn, reporter: Reporter, db: Db, now: Now) -> DataView:
    """更正: the named fields are replaced, null takes one away, `text` is added to what was said."""
    with db.write() as session:
        return actions.correct(session, reporter, form, now=now)


@router.put("", responses=problems(404, 429))
def correct_again(form: CorrectIn, reporter: Reporter, db: Db, now: Now) -> DataView:
    """更正, under the other usual verb: fields that are not named stay."""
    with db.write() as session:
        return actions.correct(session, reporter, form, now=now)


@router.delete("", responses=problems(404, 429))
def erase(reporter: Reporter, db: Db, files: Files, now: Now) -> ErasedView:
    """删除: contact, door, words, photos and device mark at once; what is still open goes on without a person in it."""
    with db.write() as session:
        erased = actions.erase(session, reporter, now=now)
    for key in erased.files:
        files.remove(key)
    return erased.view


@router.post("/restriction", status_code=201, responses=problems(404, 429))
def restrict(form: RestrictIn, reporter: Reporter, db: Db, now: Now) -> DataView:
    """限制使用, and its end: while it is on, nobody may see the plain values."""
    with db.write() as session:
        return actions.restrict(session, reporter, form, now=now)


@router.post("/consent", status_code=201, responses=problems(404, 429))
def change_consent(form: ConsentChangeIn, reporter: Reporter, db: Db, now: Now) -> DataView:
    """撤回同意, or 补同意: contact (erases it), address (closes every door grant), publish."""
    with db.write() as session:
        return actions.change_consent(session, reporter, form, now=now)

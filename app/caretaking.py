"""Operator verbs that look after accounts, time limits, keys and the access log."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from app import clock, keeping, main, rekeying, retaining
from app.access import upkeep
from app.actions import staff as staff_actions
from app.db import Database
from app.errors import MisconfiguredError
from app.rules import retention
from app.settings import Settings, load
from app.storage import Folder, Storage
from app.vault import Keyring, key_id, keyring_at, keyring_from, ring_text, with_new_key


@contextmanager
def opened() -> Iterator[tuple[Settings, Database]]:
    """The settings and the database of this deployment, for as long as a verb takes."""
    settings = load()
    main.configure_logs(settings)
    database = main.database_of(settings)
    try:
        yield settings, database
    finally:
        database.close()


def asked_password() -> str:
    """From the terminal, twice; or from standard input in scripts."""
    if sys.stdin.isatty():
        answer: str = typer.prompt("密码", hide_input=True, confirmation_prompt=True)
        return answer
    return sys.stdin.readline().strip()


def set_password(username: str) -> None:
    """Give an account a new password, read from the terminal or from standard input; every login of it ends."""
    hashed = staff_actions.hash_password(asked_password())
    with opened() as (_, database), database.write() as session:
        account = staff_actions.account_named(session, username)
        ended = staff_actions.set_password(session, account, hashed, now=clock.now())
    typer.echo(f"{username} has a new password; {ended} logins ended")


def disable_staff(username: str) -> None:
    """Shut an account for good; every login of it ends, what it did stays in the history."""
    with opened() as (_, database), database.write() as session:
        account = staff_actions.account_named(session, username)
        ended = staff_actions.disable(session, account, now=clock.now())
    typer.echo(f"{username} cannot log in any more; {ended} logins ended")


def retain(
    *, dry_run: Annotated[bool, typer.Option("--dry-run", help="only count what a run would erase now")] = False
) -> None:
    """Erase what has been kept for its time, by the rules of app/rules/retention.py; the worker does this daily."""
    with opened() as (settings, database):
        act = retaining.due if dry_run else retaining.retain
        run = act(database, _files(settings), clock.now())
    for rule in retention.RULES:
        after = f"{rule.span.days} days after" if rule.span.days else "after"
        typer.echo(f"{run.counts[rule.name]:>8}  {rule.name:<16} {rule.what}; {after} {rule.since}")
    if run.doubtful:
        typer.echo(f"{run.doubtful} files are unknown here, more than are known: wrong folder? left alone", err=True)
    typer.echo("nothing was erased" if dry_run else "done")


def rotate_keys(
    *,
    status: Annotated[bool, typer.Option("--status", help="only show what each key has sealed")] = False,
    drop_old: Annotated[bool, typer.Option("--drop-old", help="take keys out that nothing needs any more")] = False,
) -> None:
    """Add a sealing key and seal everything anew with it; started again after a kill, it goes on."""
    with opened() as (settings, database):
        files, text = _files(settings), settings.keys.get_secret_value()
        path = None if text else settings.data_dir / keeping.KEYS
        ring = keyring_from(text) if path is None else keyring_at(path)
        if status:
            _show_usage(ring, database, files)
        elif drop_old:
            _drop_old(ring, path, database, files)
        else:
            _rotate(ring, path, database, files)


def verify_log(
    *, backup: Annotated[Path | None, typer.Option(help="also that the log still holds the ends it had then")] = None
) -> None:
    """Prove that no line of the access log was changed or taken out; exit code 1 names the line where one was."""
    before = keeping.log_ends(backup) if backup else {}
    with opened() as (_, database), database.read() as session:
        ends = upkeep.log_ends(session)
        broken = [*upkeep.broken_links(session), *upkeep.lost_ends(session, before)]
    for end in ends:
        typer.echo(f"{end.compound}: {end.lines} lines, {end.first} to {end.last}, ends with {end.hash}")
        if end.unkeyed:
            typer.echo(f"{end.compound}: {end.unkeyed} of them are from before marks had a key; they prove their order")
    if broken:
        raise MisconfiguredError("\n  ".join(["the access log is broken at", *broken]))
    typer.echo(f"{sum(end.lines for end in ends)} lines, unbroken")


def add_to(cli: typer.Typer) -> None:
    """These verbs, beside the others."""
    for verb in (set_password, disable_staff, retain, rotate_keys, verify_log):
        cli.command(verb.__name__.replace("_", "-"))(verb)


def _files(settings: Settings) -> Storage:
    return Folder(settings.data_dir / "uploads")


def _rotate(ring: Keyring, path: Path | None, database: Database, files: Storage) -> None:
    if len(ring.seal) == 1 and path is None:
        typer.echo("Set this as MINQING_KEYS of every process, restart them all, and run rotate-keys again:")
        typer.echo(ring_text(with_new_key(ring)))
        return
    if len(ring.seal) == 1 and path is not None:
        ring = rekeying.add_key(path)
    typer.echo(f"sealing with key {key_id(ring.seal[0]).hex()}")
    done = rekeying.reseal(database, files, lambda what, count: typer.echo(f"  {what}: {count}"))
    for key in done.damaged:
        typer.echo(f"uploads/{key[:2]}/{key} is damaged, no key opens it", err=True)
    typer.echo(f"{sum(done.counts.values())} sealed anew; later: rotate-keys --drop-old")


def _drop_old(ring: Keyring, path: Path | None, database: Database, files: Storage) -> None:
    if path is not None:
        typer.echo(f"{rekeying.drop_old(path, database, files, clock.now())} old keys taken out of {path}")
    else:
        kept = rekeying.without_old(ring, rekeying.usage(database, files))
        typer.echo("Set this as MINQING_KEYS of every process and restart them all:")
        typer.echo(ring_text(kept))
    typer.echo("backups made before need the old keys: keep a copy with them")


def _show_usage(ring: Keyring, database: Database, files: Storage) -> None:
    known = [key_id(key) for key in ring.seal]
    used = rekeying.usage(database, files)
    for one in [*known, *sorted(used.keys() - set(known))]:
        place = "seals" if one == known[0] else "old" if one in known else "NOT IN THE RING"
        counts = ", ".join(f"{what}: {count}" for what, count in sorted(used.get(one, {}).items()))
        typer.echo(f"{one.hex()}  {place}  {counts or 'nothing'}")

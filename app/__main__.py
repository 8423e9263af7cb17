"""Operator verbs: `python -m app serve | worker | migrate | demo | import | sheet | create-staff | …`."""

import json
import os
import secrets
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated, Literal

import typer
import uvicorn

from app import access, caretaking, clock, keeping, main, migrating, outbox, worker
from app.actions import demo as demo_actions
from app.actions import message as message_actions
from app.actions import place as place_actions
from app.actions import qr_code as code_actions
from app.actions import staff as staff_actions
from app.actions import upkeep as upkeep_actions
from app.actions import workbook
from app.caretaking import asked_password
from app.caretaking import opened as _opened
from app.db import Database
from app.errors import AppError, MisconfiguredError
from app.queries import demo as demo_queries
from app.queries import lesson as lesson_queries
from app.queries import message as message_queries
from app.queries import qr_code as code_queries
from app.rules import catalogue, documents, router_model
from app.schemas.demo import DemoView
from app.schemas.qr_code import BatchIn
from app.settings import Settings, load
from app.storage import Folder
from app.training import figures, sentences, shelf
from app.vault import Vault
from qr import codes, matrix

SHIPPED = Path(__file__).parent / "catalogue" / "router.npz"

cli = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
caretaking.add_to(cli)


@cli.command()
def serve() -> None:
    """Migrate, then answer on HOST:PORT; with MINQING_DEMO=1 build and show the demo compound first."""
    with _opened() as (settings, database):
        _prepare(database)
        if settings.demo:
            _welcome(_demo(settings, database), settings)
        app = main.create_app(settings, database)
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            access_log=False,
            log_level="warning",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=20,
        )
        typer.echo(f"listening on http://{settings.host}:{settings.port}", err=True)
        uvicorn.Server(config).run()


@cli.command("worker")
def run_worker() -> None:
    """Deliver messages in a process of its own, until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    with _opened() as (settings, database):
        worker.run(database, main.senders_of(settings), stop, Folder(settings.data_dir / "uploads"))


@cli.command()
def sweep() -> None:
    """Look once at every ticket whose clocks or time limits call for it; the worker does this all the time."""
    with _opened() as (_, database):
        typer.echo(f"{worker.sweep(database)} tickets looked at")


@cli.command()
def migrate(
    *, check: Annotated[bool, typer.Option("--check", help="only compare models and revisions")] = False
) -> None:
    """Bring the database to the newest revision."""
    if check:
        migrating.check()
        typer.echo("one newest revision; models and revisions agree")
        return
    with _opened() as (_, database):
        _prepare(database)
    typer.echo("database is at the newest revision")


@cli.command()
def docs(folder: Annotated[Path, typer.Argument(help="where they are written")] = Path("docs")) -> None:
    """Write the pages of docs/ that are made from tables of the rules."""
    for name, document in documents.DOCUMENTS.items():
        (folder / name).write_text(document(), "utf-8")
        typer.echo(folder / name)


@cli.command()
def demo(*, as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False) -> None:
    """The demo compound's codes and logins; needs MINQING_DEMO=1."""
    with _opened() as (settings, database):
        if not settings.demo:
            raise MisconfiguredError("the demo compound is for trying things out: set MINQING_DEMO=1")
        migrating.migrate(database)
        listing = _demo(settings, database)
        if as_json:
            typer.echo(listing.model_dump_json())
        else:
            _welcome(listing, settings)


@cli.command("import")
def import_file(file: Path) -> None:
    """Import compounds, buildings, stairwells and households from a workbook or CSV."""
    entries = workbook.read(file.read_bytes())
    with _opened() as (_, database):
        migrating.migrate(database)
        with database.write() as session:
            found = place_actions.register(session, entries, now=clock.now())
        for compound in found.compounds:
            counts = f"{compound.buildings} 幢, {compound.stairwells} 单元, {compound.households} 户"
            typer.echo(f"{compound.code} {compound.name}: {counts}")
        typer.echo(f"新增: {json.dumps(found.added, ensure_ascii=False)}")


@cli.command()
def sheet(
    compound: str,
    out: Path,
    *,
    reissue: Annotated[bool, typer.Option(help="new codes for all stairwells; the old ones go on in grace")] = False,
    size: Annotated[
        Literal["A4", "A5", "A6", "card"], typer.Option(help="A6 stickers and cards share A4 pages, to be cut")
    ] = "A5",
) -> None:
    """Make the codes that are missing and write every active code of a compound into one print file."""
    operator = access.Staff(0, "operator", "operator", is_admin=True, seats=())  # whoever runs commands on the box
    with _opened() as (settings, database):
        with database.write() as session:
            code_actions.make_batch(session, operator, BatchIn(compound=compound, reissue=reissue), now=clock.now())
        with database.read() as session:
            found = code_queries.compound_posters(session, operator, compound, settings.origin)
    out.write_bytes(code_queries.printed(found, size))
    typer.echo(f"{len(found.posters)} 张码 → {out}")


@cli.command("create-staff")
def create_staff(
    username: str,
    name: str,
    *,
    admin: Annotated[bool, typer.Option(help="a system administrator (no ticket content)")] = False,
) -> None:
    """Create an account; the password is read from the terminal, or from standard input in scripts."""
    password = asked_password()
    with _opened() as (_, database), database.write() as session:
        staff_actions.create(session, username, name, password, is_admin=admin, now=clock.now())
    typer.echo(f"已创建 {username}")


@cli.command()
def requeue(
    *, dead: Annotated[bool, typer.Option("--dead", help="also send again what was given up, and list it")] = False
) -> None:
    """Make messages that pause after a failure due at once; with --dead also those that were given up."""
    operator = access.Staff(0, "operator", "operator", is_admin=True, seats=())  # whoever runs commands on the box
    with _opened() as (_, database):
        with database.read() as session:
            letters = message_queries.dead_letters(session, operator)
        with database.write() as session:
            hurried = outbox.hurry(session, clock.now())
            revived = message_actions.resend(session, operator, None, now=clock.now()) if dead else 0
    for letter in letters:
        typer.echo(f"{letter.id}  {letter.event}  {letter.seat}  {letter.error}  ({letter.attempts})")
    typer.echo(f"due now: {hurried + revived}; given up: {len(letters) - revived}")


@cli.command()
def backup(
    out: Path,
    *,
    with_keys: Annotated[bool, typer.Option(help="put the keys in too: then the file opens itself")] = False,
) -> None:
    """Write a verified archive of database and uploads while the server runs; OUT is a new file, or a folder."""
    settings = load()
    keys = main.keys_of(settings) if with_keys else ""
    _report(keeping.backup(settings.url, settings.data_dir, out, clock.now(), keys=keys))


@cli.command()
def verify(file: Path) -> None:
    """Prove a backup: hashes, database, access log and photos; the keys too, where they are inside or set here."""
    _report(keeping.verify(file, _vault(load())))


@cli.command()
def restore(file: Path) -> None:
    """Verify a backup and put it into the empty data folder; then start the server."""
    settings = load()
    if settings.database_url.get_secret_value():
        raise MisconfiguredError("a backup goes into the data folder: unset DATABASE_URL (PostgreSQL has pg_restore)")
    vault = _vault(settings)
    manifest = keeping.restore(file, settings.data_dir, vault)
    _report(manifest)
    if vault is None and not manifest.has_keys:
        typer.echo(
            f"now put {keeping.KEYS} (mode 0600) into {settings.data_dir}, or set MINQING_KEYS, before you start"
        )


@cli.command("train-router")
def train_router(
    *,
    extra: Annotated[Path | None, typer.Option(help="CSV of redacted texts with columns leaf, alt, text, at")] = None,
    shipped: Annotated[bool, typer.Option("--shipped", help="write the file that ships, for developers")] = False,
    check: Annotated[bool, typer.Option("--check", help="only look for mistakes in the sentences that ship")] = False,
    rollback: Annotated[bool, typer.Option("--rollback", help="go back to the model published before")] = False,
) -> None:
    """Learn the router anew from the sentences that ship, this deployment's closed tickets, and --extra; publish it.

    The latest quarter of the tickets is not learned from: on it the new model must be no worse than the one in use.
    """
    if rollback:
        try:
            older = shelf.rollback(load().data_dir / "router")
        except shelf.NothingOlderError as error:
            raise MisconfiguredError(str(error)) from error
        typer.echo(f"in use: {older.name if older else 'the model that ships'}")
        return
    known, rows = catalogue.default(), sentences.shipped()
    if problems := list(sentences.problems(rows, known)):
        raise typer.Exit(_listed(problems))
    if check:
        typer.echo(f"{len(rows)} sentences, nothing to mend")
        return
    from app.training import router  # noqa: PLC0415 -- scikit-learn is there to train, not to serve

    if shipped:
        data = router_model.dump(router.train(rows, catalogue=known))
        SHIPPED.write_bytes(data)
        typer.echo(f"{SHIPPED.name}: {router_model.read(data).version}, {len(data)} bytes")
        return
    with _opened() as (settings, database):
        folder = settings.data_dir / "router"
        with database.read() as session:
            own = [*lesson_queries.examples(session), *(sentences.read(extra) if extra else [])]
    earlier, later = router.by_time(own)
    if len(later) < shelf.LEAST_MEASURED:
        raise MisconfiguredError(f"{len(own)} closed tickets to learn from, {shelf.LEAST_NEEDED} are needed")
    model = router.train(rows, earlier, catalogue=known)
    new = figures.evaluate(model, later, catalogue=known)
    old = figures.evaluate(shelf.current(folder) or router_model.shipped(), later, catalogue=known)
    try:
        path = shelf.publish(folder, model, new=new, old=old)
    except shelf.NotBetterError as error:
        raise MisconfiguredError(f"not published, the one in use is better: {error}") from error
    typer.echo(f"{path.name}: macro-F1 {old.macro_f1:.3f} -> {new.macro_f1:.3f} on {new.rows} later tickets; in use")


def _listed(problems: list[str]) -> int:
    for problem in problems:
        typer.echo(problem, err=True)
    return 1


def _prepare(database: Database) -> None:
    """Newest revision, and keys that fit."""
    migrating.migrate(database)
    with database.write() as session:
        upkeep_actions.check_keys(session, now=clock.now())


def _vault(settings: Settings) -> Vault | None:
    """The vault where there are keys already; looking for them makes none."""
    there = settings.keys.get_secret_value() or (settings.data_dir / keeping.KEYS).exists()
    return main.vault_of(settings) if there else None


def _report(manifest: keeping.Manifest) -> None:
    size = sum(entry.size for entry in manifest.files.values())
    typer.echo(
        f"made {manifest.made_at:%Y-%m-%d %H:%M} UTC: database, {manifest.photos} uploads, {size} bytes, verified"
    )
    typer.echo("keys are inside: guard this file like the keys" if manifest.has_keys else "keys are not inside")
    for compound, (seq, digest) in sorted(manifest.log_ends.items()):
        typer.echo(f"access log of compound {compound} ends at line {seq}: {digest}")
    if manifest.missing:
        typer.echo(f"missing already when it was made: {len(manifest.missing)} photos", err=True)


def _demo(settings: Settings, database: Database) -> DemoView:
    seed = _seed(settings.data_dir / "demo-seed")
    with database.write() as session:
        accounts = demo_actions.build(session, seed, now=clock.now())
    with database.read() as session:
        return demo_queries.listing(session, accounts, settings.origin)


def _seed(path: Path) -> bytes:
    """The 0600 file from which demo passwords are derived; made on first use."""
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
    return path.read_bytes()


def _welcome(listing: DemoView, settings: Settings) -> None:
    first = listing.codes[0]
    typer.echo(matrix.blocks(codes.url(listing.base_url, first.code), colour=sys.stdout.isatty()))
    typer.echo(f"扫码页   {first.url}   ({first.label})")
    typer.echo(f"工作台   {listing.base_url}/desk      API  {listing.base_url}/openapi.json\n")
    for account in listing.accounts:
        typer.echo(f"  {account.username:<20} {account.password:<20} {account.name}")
    if settings.host in {"127.0.0.1", "localhost"}:
        typer.echo("\n手机要扫码: 与电脑连同一个 Wi-Fi, 用  HOST=0.0.0.0 make serve  重新启动, 再扫屏幕上的码。\n")


if __name__ == "__main__":
    try:
        cli()
    except MisconfiguredError as error:
        sys.exit(f"minqing: {error}")
    except AppError as error:
        rows = error.extra.get("errors")
        listed = "".join(f"\n  {row}" for row in rows) if isinstance(rows, list) else ""
        sys.exit(f"minqing: {error.detail}{listed}")

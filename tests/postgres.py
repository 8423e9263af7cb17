"""A PostgreSQL server for one test run: made in a temporary folder, thrown away when the run ends, however it ends.

conftest starts it once, in the process that owns the run, and hands its URL to the xdist workers by the environment
variable MINQING_TEST_POSTGRES. Where that variable is already set, the server it names is used and left running.
"""

import atexit
import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

VARIABLE = "MINQING_TEST_POSTGRES"
PATIENCE = 60.0  # seconds until a start counts as failed; a loaded machine needs a few

# The shell holds the server and waits for its own input to end, which happens when we close the pipe and also when
# we are killed: no run leaves a server or a folder behind.
KEEPER = """
"$1/postgres" -D "$2/data" -p "$3" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_wal_size=4GB >"$2/log" 2>&1 &
server=$!
cat >/dev/null
kill -QUIT "$server"
wait "$server"
rm -rf "$2"
"""


@dataclass
class Cluster:
    """A running server. `url` reaches its maintenance database as a superuser."""

    url: str
    keeper: "subprocess.Popen[bytes] | None" = None  # None: somebody else's server

    def stop(self) -> None:
        """Stop the server and remove its folder. Safe to call twice."""
        if self.keeper is None:
            return
        with contextlib.suppress(BrokenPipeError):
            self.keeper.stdin.close()
        self.keeper.wait(PATIENCE)
        self.keeper = None


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL server programs on this machine, or None."""
    return next(
        (folder for folder in _folders() if (folder / "initdb").exists() and (folder / "postgres").exists()), None
    )


def start() -> Cluster:
    """A server that answers. Raises RuntimeError, with the server's own words, where none can be had."""
    if given := os.environ.get(VARIABLE):
        return Cluster(given)
    programs = binaries()
    if programs is None:
        raise RuntimeError("no PostgreSQL server programs here; run scripts/system-packages")
    user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="minqing-postgres-"))
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    started = {
        "cwd": folder,
        "start_new_session": True,
        "env": {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"},
    }
    if user:
        started |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    options = ["--username=minqing", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    made = subprocess.run(
        [programs / "initdb", f"--pgdata={folder}/data", *options], capture_output=True, check=False, **started
    )
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise RuntimeError(f"initdb failed: {made.stderr.decode(errors='replace')}")

    port = _free_port()
    command = ["sh", "-c", KEEPER, "minqing-postgres", programs, folder, str(port)]
    cluster = Cluster(
        f"postgresql+psycopg://minqing@127.0.0.1:{port}/postgres",
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **started
        ),
    )
    atexit.register(cluster.stop)
    deadline = time.monotonic() + PATIENCE
    while not _answers(port):
        log = (folder / "log").read_text(errors="replace") if (folder / "log").exists() else ""
        if ("FATAL" in log and "starting up" not in log) or time.monotonic() > deadline:
            cluster.stop()
            raise RuntimeError(f"PostgreSQL did not start: {log}")
        time.sleep(0.05)
    return cluster


def _folders() -> Iterator[Path]:
    if found := shutil.which("initdb"):
        yield Path(found).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom to run the server as: PostgreSQL refuses root. None: as ourselves."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(port: int) -> bool:
    try:
        psycopg.connect(host="127.0.0.1", port=port, user="minqing", dbname="postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True

"""A worker process for tests: the real loop and the real adapter, with time made short and set to a Monday morning.

Argument: JSON with `url` of the robot, `pause`, `patience` and `lease` in seconds, `ahead` (how many seconds its clock
is ahead of this machine's), and `lines` (the most notices in one message). With `look` it sweeps all the time, a few
tickets in one transaction, and takes so many seconds over each, saying "look". Database and keys: from the environment.
"""

import json
import signal
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

from app import clock, main, outbox, worker
from app.actions import sweep
from app.rules import notices
from app.senders import wecom
from app.settings import load

told = json.loads(sys.argv[1])
ahead = timedelta(seconds=told["ahead"])
clock.now = lambda: datetime.now(UTC) + ahead
outbox.LEASE = timedelta(seconds=told["lease"])
outbox.BACK_OFF = tuple(timedelta(seconds=0.2 * step) for step in range(1, 30))
worker.PAUSE = 0.02
wecom.REST = timedelta(seconds=0.5)
wecom.MOST_LINES = told["lines"]
real = sweep.look


def slowly(session, ticket, *more):
    """As the product does it, with time to be killed in."""
    sys.stdout.write("look\n")
    sys.stdout.flush()
    time.sleep(told["look"])
    real(session, ticket, *more)


if "look" in told:
    worker.SWEEP_EVERY, sweep.look = 0.1, slowly
    sweep.batch.__kwdefaults__["limit"] = 5

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
settings = load()
main.configure_logs(settings)
pause = timedelta(seconds=told["pause"])
robot = wecom.WeCom(told["url"], "canary-key", notices.heading(), pause=pause, patience=told["patience"])
worker.run(main.database_of(settings), [robot], stop)

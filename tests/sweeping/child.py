"""A process for tests that sweeps over and over, slowly, until it is told to stop.

Argument: JSON with `at` (the instant at which its clock stands), `pause` (seconds before each ticket) and `few`
(tickets in one transaction). It says "look" on its output before each ticket. Database and keys: from the environment.
"""

import json
import signal
import sys
import threading
import time
from datetime import datetime

from app import clock, main, worker
from app.actions import sweep
from app.settings import load

told = json.loads(sys.argv[1])
instant = datetime.fromisoformat(told["at"])
clock.now = lambda: instant
sweep.batch.__kwdefaults__["limit"] = told["few"]
real = sweep.look


def slowly(session, ticket, *more):
    """As the product does it, with time to be killed in."""
    sys.stdout.write("look\n")
    sys.stdout.flush()
    time.sleep(told["pause"])
    real(session, ticket, *more)


sweep.look = slowly
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
settings = load()
main.configure_logs(settings)
database = main.database_of(settings)
while not stop.is_set():
    if not worker.sweep(database, stop):
        stop.wait(0.1)

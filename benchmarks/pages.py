"""What Lighthouse says of the pages on a phone: `python benchmarks/pages.py [--json]`.

Needs Node.js and Chromium; Lighthouse is taken from the PATH, or fetched by `npx`. A fresh demo compound is served on a
free port; the scan page and a new receipt are measured as on a slow 4G network (Lighthouse's own mobile profile), each
several times, and the median is what counts: one run on a machine that does something else says little.
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

ROOT = Path(__file__).resolve().parents[1]
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic"
CATEGORIES = ("performance", "accessibility", "best-practices")
PATIENCE = 60


class Found(NamedTuple):
    page: str
    performance: float
    accessibility: float
    best_practices: float
    first_tap_ms: int
    bytes: int


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    arguments.add_argument("--rounds", type=int, default=5, help="how often each page is measured (5)")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        env = os.environ | {
            "MINQING_DEMO": "1",
            "MINQING_DATA_DIR": folder,
            "PORT": str(port),
            "MINQING_WORKER": "off",
            "MINQING_LOG_LEVEL": "ERROR",
        }
        server = subprocess.Popen([sys.executable, "-m", "app", "serve"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
        try:
            wait_for(port)
            listing = subprocess.check_output([sys.executable, "-m", "app", "demo", "--json"], cwd=ROOT, env=env)
            code = json.loads(listing)["codes"][0]["code"]
            pages = {"scan": f"http://127.0.0.1:{port}/s/{code}", "receipt": receipt(port, code)}
            found = [median([measured(name, address) for _ in range(given.rounds)]) for name, address in pages.items()]
        finally:
            server.terminate()
            server.wait()
    if given.json:
        print(json.dumps([page._asdict() for page in found]))
    else:
        print_table(found)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if httpx2.get(f"http://127.0.0.1:{port}/readyz").status_code == httpx2.codes.OK:
                return
        except httpx2.HTTPError:
            time.sleep(0.2)
    sys.exit("the server did not start")


def receipt(port: int, code: str) -> str:
    answer = httpx2.post(
        f"http://127.0.0.1:{port}/api/v1/tickets",
        json={"code": code, "text": "楼道灯坏了", "category": "BLD-09"},
        headers={"Idempotency-Key": "benchmark-of-pages-1"},
    )
    return str(answer.raise_for_status().json()["url"])


def measured(name: str, address: str) -> Found:
    program = shutil.which("lighthouse")
    command = [program] if program else ["npx", "--yes", "lighthouse"]
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""
    out = subprocess.check_output(
        [*command, address, "--quiet", "--output=json", f"--chrome-flags={FLAGS}"],
        env=os.environ | {"CHROME_PATH": chromium},
        stderr=subprocess.DEVNULL,
    )
    report: dict[str, Any] = json.loads(out)
    scores = [float(report["categories"][category]["score"]) for category in CATEGORIES]
    audits = report["audits"]
    return Found(
        name, *scores, round(audits["interactive"]["numericValue"]), round(audits["total-byte-weight"]["numericValue"])
    )


def median(rounds: list[Found]) -> Found:
    """Field by field, the one in the middle."""
    middle = [statistics.median_low(column) for column in list(zip(*rounds, strict=True))[1:]]
    return Found(rounds[0].page, *middle)


def print_table(found: list[Found]) -> None:
    print("".join(f"{title:>16}" for title in Found._fields))
    for page in found:
        print("".join(f"{value!s:>16}" for value in page))


if __name__ == "__main__":
    main()

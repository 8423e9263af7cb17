"""A group robot on this machine: it notes every call and answers as it is told."""

import json
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

OK = b'{"errcode":0,"errmsg":"ok"}'
NUMBER = re.compile(r"〔通知(\d+)〕")


def refusal(code):
    return json.dumps({"errcode": code, "errmsg": "no", "rid": "r-1"}).encode()


@dataclass
class Answer:
    """What the robot does with one call. `status` 0 closes the connection without a word."""

    body: bytes = OK
    status: int = 200
    after: float = 0.0


@dataclass
class Call:
    at: float
    key: str
    body: dict
    answer: Answer

    @property
    def text(self):
        return self.body["text"]["content"]

    @property
    def numbers(self):
        return [int(number) for number in NUMBER.findall(self.text)]


@dataclass
class Robot:
    """`script` holds the answers to the next calls; after the last one it is well."""

    script: list = field(default_factory=list)
    calls: list = field(default_factory=list)
    received: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self):
        robot = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = robot.script.pop(0) if robot.script else Answer()
                key = parse_qs(urlsplit(self.path).query)["key"][0]
                robot.calls.append(Call(time.monotonic(), key, body, answer))
                robot.received.set()
                time.sleep(answer.after)
                if not answer.status:
                    self.close_connection = True
                    return
                try:
                    self.send_response(answer.status)
                    self.send_header("Content-Length", str(len(answer.body)))
                    self.end_headers()
                    self.wfile.write(answer.body)
                except OSError:  # whoever called has been killed meanwhile
                    self.close_connection = True

            def log_message(self, *_args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/cgi-bin/webhook/send"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def delivered(self):
        """The numbers of all notices in calls that were answered well."""
        return [
            number
            for call in self.calls
            if call.answer.body == OK and call.answer.status == 200
            for number in call.numbers
        ]

    def close(self):
        self.server.shutdown()
        self.server.server_close()

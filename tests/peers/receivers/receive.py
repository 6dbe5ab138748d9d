"""Receivers on slack_sdk and standardwebhooks: the library verifies the raw body, each delivery is worked on once."""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

SECRET = os.environ["SECRET"]
LOCK = threading.Lock()
SEEN = set()
EFFECTS = 0


def once(key):
    global EFFECTS
    with LOCK:
        if key not in SEEN:
            SEEN.add(key)
            EFFECTS += 1


def slack():
    from slack_sdk.signature import SignatureVerifier

    verifier = SignatureVerifier(SECRET)

    def receive(headers, body):
        form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        if form and parse_qs(body.decode("utf-8", "replace")).get("ssl_check") == ["1"]:
            return 200, "ok"
        try:
            right = verifier.is_valid_request(body, headers)
        except (ValueError, TypeError, OverflowError):
            right = False
        if not right:
            return 401, "untrusted"
        try:
            event = json.loads(body)
        except (ValueError, RecursionError):
            return 400, "no JSON"
        if not isinstance(event, dict):
            return 400, "no event"
        if event.get("type") == "url_verification":
            return 200, event["challenge"]
        if event.get("type") == "event_callback" and event["event"].get("type") == "message":
            once(event["event_id"])
        return 200, "ok"

    return receive


def standard():
    from standardwebhooks.webhooks import Webhook

    webhook = Webhook(SECRET)

    def receive(headers, body):
        try:
            event = webhook.verify(body, headers)
        except RecursionError:
            return 400, "no JSON"
        except Exception:
            return 400, "untrusted"
        if isinstance(event, dict) and event.get("type") == "contact.created":
            once(headers["webhook-id"])
        return 200, "ok"

    return receive


RECEIVE = {"slack": slack, "standard": standard}[sys.argv[1]]()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, text, close=False):
        data = text.encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        if close:
            self.send_header("connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def do_GET(self):
        if self.path == "/effects":
            self.answer(200, json.dumps({"count": EFFECTS}))
        else:
            self.answer(405, "POST it")

    do_HEAD = do_GET

    def do_POST(self):
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length)
        if len(body) < length:
            return
        if length > 1 << 20:
            self.answer(413, "too large", close=True)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.answer(*RECEIVE(headers, body))


class Server(ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = True


server = Server(("127.0.0.1", 0), Handler)
print(json.dumps({"port": server.server_port}), flush=True)
server.serve_forever()

#!/usr/bin/env python3
"""The service itself: an HTTP server that says its version.

serve.py start TARGET SERVICE VERSION   in the background; returns once it answers
serve.py stop TARGET                    returns once it is gone
TARGET is a directory that keeps its port and process id. A version that ends
in "-broken" answers /healthz with 500.
"""
import http.server
import json
import os
import pathlib
import signal
import subprocess
import sys
import time


def serve(target, service, version):
    """Serves for ever, on the port of the version before when it is free."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            well = not version.endswith("-broken")
            body = json.dumps({"service": service, "version": version, "ok": well}).encode()
            self.send_response(200 if well else 500)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", known_port(target)), Handler)
    except OSError:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    write(target / "port", str(server.server_port))
    write(target / "pid", str(os.getpid()))
    server.serve_forever()


def write(path, text):
    """Writes a file so that nobody sees half of it."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)


def known_port(target):
    try:
        return int((target / "port").read_text())
    except (OSError, ValueError):
        return 0


def running(target):
    """The process id of the target's server, if it is really that."""
    try:
        pid = int((target / "pid").read_text())
        command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return pid if str(target).encode() in command else None


def wait(condition, what):
    deadline = time.monotonic() + 10
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"{what} took longer than 10 s")
        time.sleep(0.02)


def start(target, service, version):
    (target / "pid").unlink(missing_ok=True)
    with open(target / "log", "ab") as log:
        child = subprocess.Popen(
            [sys.executable, __file__, "serve", str(target), service, version],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )
    wait(lambda: running(target) or child.poll() is not None, "starting")
    if not running(target):
        sys.exit(f"the server ended at once; see {target / 'log'}")


def stop(target):
    pid = running(target)
    if pid:
        os.kill(pid, signal.SIGTERM)
        wait(lambda: running(target) is None, "stopping")


def main(arguments):
    match arguments:
        case ["serve", target, service, version]:
            serve(pathlib.Path(target), service, version)
        case ["start", target, service, version]:
            start(pathlib.Path(target), service, version)
        case ["stop", target]:
            stop(pathlib.Path(target))
        case _:
            sys.exit(__doc__)


main(sys.argv[1:])

#!/usr/bin/env python3
"""systemd units as a backend of holdpoint, in one file of standard Python.

What it is for: services on this machine that are deployed as directories of
versions and run as systemd units, the layout of many small sites:

    /srv/payments/releases/4.1.9/…       one directory a version
    /srv/payments/releases/4.2.0/…
    /srv/payments/current -> releases/4.2.0     what the unit's ExecStart= runs

  deploy     points `current` at releases/VERSION, restarts the unit, and waits
             until it has been running for `settle` seconds, in one start. The version
             that is current already is restarted too.
  roll-back  the same, to the version in the argument `to`.
  restart    restarts the unit with what is current, and waits in the same way.
  snapshot   what systemd says of the unit, before it goes.
  watch      version, state, restarts and failures of every unit; `current` is only a
             candidate until the unit has been started with it.
  probe      from `current`, the unit, and a log of keys beside them; the log says by whose word
             and why, too.

It stops waiting when the host does (`deadlineMs`), and says that it may have happened.

The switch is one rename. If the unit does not stay up, it says so and leaves
everything as it is: going back is holdpoint's to propose and yours to decide.

    [backends.units]
    kind = "plugin"
    argv = ["plugins/systemd.py"]
    grant = ["watch:deployments", "act:deploy", "act:roll-back", "act:restart", "act:snapshot", "probe"]
    [backends.units.config]
    systemctl = ["systemctl", "--user"]          # or ["sudo", "-n", "systemctl"]
    settle = 5
    units = [{ service = "payments", environment = "eu-west",
               unit = "payments.service", home = "/srv/payments" }]

It needs the right to restart the units and to write `home`.
"""

import json
import os
import pwd
import subprocess
import sys
import threading
import time

PROTOCOL, CREDIT = 1, 256
CAPABILITIES = {
    "watch:deployments": {"effect": "read"},
    "probe": {"effect": "read"},
    "act:deploy": {"effect": "act"},
    "act:roll-back": {"effect": "act"},
    "act:restart": {"effect": "act"},
    "act:snapshot": {"effect": "read"},
}


class Failure(Exception):
    """An error of the protocol's page: what is certain depends on the code."""

    def __init__(self, code, message, data=None):
        super().__init__(message)
        self.code, self.data = code, data or {}


MARGIN = 0.2  # seconds that an answer may take to get back before the deadline
NO_PROTOCOL, NOT_FOUND, CONFLICT, UNAVAILABLE, PRECONDITION = -32001, -32004, -32010, -32012, -32013
UNSUPPORTED, UNKNOWN_OUTCOME, CANCELLED, NO_METHOD, BAD_PARAMS = -32014, -32015, -32800, -32601, -32602


# ---------------------------------------------------------------- the wire

out_lock = threading.Lock()


def say(message):
    line = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False, separators=(",", ":"))
    with out_lock:
        sys.stdout.buffer.write(line.encode("utf-8", "replace") + b"\n")
        sys.stdout.buffer.flush()


class Watch:
    """Tells rows until it is stopped, and never more than there is credit for."""

    def __init__(self, units, name, every, credit):
        self.units, self.name, self.every, self.credit = units, name, max(every, 0.05), credit
        self.seq, self.acked, self.over = 0, 0, False
        self.changed = threading.Condition()
        threading.Thread(target=self.run, daemon=True).start()

    def tell(self, op, **more):
        with self.changed:
            while self.seq - self.acked >= self.credit and not self.over:
                self.changed.wait()
            if self.over:
                return
            self.seq += 1
            say({"method": "watch/event", "params": {"watch": self.name, "seq": self.seq, "op": op, **more}})

    def ack(self, seq):
        with self.changed:
            self.acked = max(self.acked, seq)
            self.changed.notify_all()

    def stop(self):
        with self.changed:
            self.over = True
            self.changed.notify_all()

    def run(self):
        known = None
        while not self.over:
            try:
                rows = [self.units.row(unit) for unit in self.units.all]
            except Failure as failure:
                self.tell("error", why=str(failure))
                known = None
            else:
                if known is None:
                    self.tell("begin")
                    for row in rows:
                        self.tell("upsert", item=row)
                    self.tell("end")
                else:
                    for row in rows:
                        if row not in known:
                            self.tell("upsert", item=row)
                    self.tell("heartbeat")
                known = rows
            with self.changed:
                self.changed.wait_for(lambda: self.over, timeout=self.every)


# ---------------------------------------------------------------- the units


class Units:
    def __init__(self, config):
        self.systemctl = config.get("systemctl", ["systemctl"])
        self.settle = float(config.get("settle", 5))
        self.all = config.get("units", [])
        for unit in self.all:
            if not all(isinstance(unit.get(key), str) for key in ("service", "environment", "unit", "home")):
                raise Failure(BAD_PARAMS, "every unit needs service, environment, unit and home")
        self.busy = {unit["unit"]: threading.Lock() for unit in self.all}

    def ask(self, *args, limit=30):
        try:
            done = subprocess.run(
                [*self.systemctl, *args], stdin=subprocess.DEVNULL, capture_output=True, timeout=limit, text=True, errors="replace"
            )
        except FileNotFoundError as error:
            raise Failure(UNAVAILABLE, f"there is no {error.filename}") from None
        except subprocess.TimeoutExpired:
            raise Failure(UNKNOWN_OUTCOME, f"systemctl {args[0]} did not end in {limit} s") from None
        return done

    def show(self, unit):
        names = "ActiveState,SubState,NRestarts,Result,LoadState,ActiveEnterTimestamp,ActiveEnterTimestampMonotonic"
        done = self.ask("show", "--timestamp=unix", "--property", names, unit["unit"], limit=10)
        if done.returncode != 0:
            raise Failure(UNAVAILABLE, done.stderr.strip() or f"systemctl show ended with {done.returncode}")
        return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)

    def found(self, operation):
        for unit in self.all:
            if (unit["service"], unit["environment"]) == (operation.get("service"), operation.get("environment")):
                return unit
        raise Failure(NOT_FOUND, f"no unit is {operation.get('service')} in {operation.get('environment')}")

    def current(self, unit):
        try:
            return os.path.basename(os.readlink(os.path.join(unit["home"], "current")))
        except OSError:
            return ""

    def link(self, unit):
        """Which link `current` is: every switch makes a new one."""
        try:
            link = os.lstat(os.path.join(unit["home"], "current"))
        except OSError:
            return None
        return [link.st_ino, link.st_mtime_ns]

    def behind(self, unit, since):
        """Whether `current` was switched after the unit started, in whole seconds."""
        link = self.link(unit)
        return since is not None and link is not None and link[1] // 10**9 > since

    def row(self, unit):
        said, current = self.show(unit), self.current(unit)
        running, since, begun = said.get("ActiveState") == "active", started(said), self.begun(unit)
        trouble, version, switched = [], current, {}
        if running and self.behind(unit, since):
            # What runs is what was current when it started, as far as the log tells.
            later = [line for line in begun if line.get("at", 0) > since] or begun[-1:]
            told = later and (later[0].get("at", 0) > since or later[0].get("to") == current)
            version = told and later[0].get("from") or "unknown"
            switched = {"candidate": current}
            if not self.busy[unit["unit"]].locked():
                trouble.append(f"current is {current}, and the unit has not been restarted since")
        if said.get("LoadState") not in (None, "loaded"):
            trouble.append(f"the unit is {said['LoadState']}")
        if said.get("Result") not in (None, "success"):
            trouble.append(f"its last end: {said['Result']}")
        if said.get("NRestarts", "0") not in ("", "0"):
            trouble.append(f"restarted {said['NRestarts']} times by systemd")
        history = list(dict.fromkeys([current, *(line.get("from") for line in reversed(begun))]))
        state = "stable" if running else said.get("SubState") or "unknown"
        return {
            "service": unit["service"], "environment": unit["environment"], "version": version or "none", **switched,
            "state": "not restarted" if switched else state, "ready": int(running), "wanted": 1,
            "trouble": trouble, "history": [version for version in history if version][:10],
            **({"by": begun[-1]["by"]} if begun and begun[-1].get("by") else {}),
        }

    # A log beside the versions, one JSON object a line: which key began and ended what.

    def log(self, unit):
        try:
            with open(os.path.join(unit["home"], "holdpoint.log"), encoding="utf-8", errors="replace") as file:
                lines = file.read().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Failure(UNAVAILABLE, f"the log of keys cannot be read: {error}") from None
        read = []
        for line in lines:
            try:
                read.append(json.loads(line))
            except ValueError:
                pass  # a line that was cut when we were killed
        return [line for line in read if isinstance(line, dict)]

    def begun(self, unit):
        return [line for line in self.log(unit) if line.get("is") == "begun"]

    def note(self, unit, **line):
        with open(os.path.join(unit["home"], "holdpoint.log"), "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def wanted(self, operation, current):
        if operation["verb"] == "restart":
            version = current
        else:
            version = operation.get("args", {}).get("to" if operation["verb"] == "roll-back" else "version", "")
        if not version or "/" in version or version in (".", ".."):
            raise Failure(PRECONDITION, f"{version!r} is no version")
        return version

    def preview(self, operation):
        unit = self.found(operation)
        if operation["verb"] == "snapshot":
            return {"effects": [f"reads what systemd says of {unit['unit']}"]}
        current = self.current(unit)
        version = self.wanted(operation, current)
        missing = not os.path.isdir(os.path.join(unit["home"], "releases", version))
        missing = [f"there is no {unit['home']}/releases/{version}"] if missing else []
        effects = [f"points {unit['home']}/current at releases/{version}"] if version != current else []
        back = bool(effects) and os.path.isdir(os.path.join(unit["home"], "releases", current or "none"))
        return {
            "obstacles": missing,
            "refused": missing,
            "effects": [*effects, f"restarts {unit['unit']}"],
            "loses": ["connections that the unit has open"],
            "takes_ms": int(self.settle * 1000) + 1000,
            "expect": {"current": current},
            # Of a restart, or where what is current was cleared away, nothing is said.
            **({"reversible": {"ok": True, "note": f"roll-back to {current}"}} if back else {}),
        }

    def perform(self, operation, key, expect, meta, progress, cancelled):
        unit = self.found(operation)
        if operation["verb"] == "snapshot":
            return {"summary": f"{unit['unit']} as it is", "detail": self.show(unit)}
        if not self.busy[unit["unit"]].acquire(blocking=False):
            raise Failure(PRECONDITION, f"another operation on {unit['unit']} is under way")
        try:
            # Whether the key is known comes first: nothing may be called undone that has begun.
            try:
                became = self.became(unit, key)
            except Failure as failure:
                raise Failure(UNKNOWN_OUTCOME, f"whether it has begun before cannot be told: {failure}") from None
            if became and became["found"] == "applied":
                return {name: value for name, value in became.items() if name != "found"}
            if became:
                raise Failure(PRECONDITION if became["found"] == "not-applied" else UNKNOWN_OUTCOME, became["summary"])
            # Read under the lock: a restart is of what is current now.
            current = self.current(unit)
            version = self.wanted(operation, current)
            if not os.path.isdir(os.path.join(unit["home"], "releases", version)):
                raise Failure(PRECONDITION, f"there is no {unit['home']}/releases/{version}")
            if expect and expect.get("current") != current:
                raise Failure(CONFLICT, f"current is {current}, not {expect.get('current')}")
            if cancelled.is_set():
                raise Failure(PRECONDITION, "cancelled before anything was changed")
            return self.switch(unit, version, current, key, meta, progress, cancelled)
        finally:
            self.busy[unit["unit"]].release()

    def switch(self, unit, version, current, key, meta, progress, cancelled):
        begun = {"is": "begun", "from": current, "to": version, "at": int(time.time()), "link": self.link(unit)}
        begun.update({name: text for name, text in meta.items() if name in ("by", "reason") and isinstance(text, str)})
        try:
            self.note(unit, key=key, **begun)
        except OSError as error:
            raise Failure(PRECONDITION, f"nothing was done, its key cannot be written down: {error}") from None
        link, fresh = os.path.join(unit["home"], "current"), os.path.join(unit["home"], f".current.{os.getpid()}")
        try:
            if version != current:
                if os.path.lexists(fresh):
                    os.remove(fresh)
                os.symlink(os.path.join("releases", version), fresh)
                os.rename(fresh, link)
        except OSError as error:
            raise Failure(PRECONDITION, f"current was not changed: {error}") from None
        progress(f"current is releases/{version}")
        try:
            self.restart(unit, meta.get("until", time.monotonic() + 3600), progress, cancelled)
        except Failure as failure:
            # From the rename on nothing is certainly undone, whatever failed.
            code = CANCELLED if failure.code == CANCELLED else UNKNOWN_OUTCOME
            raise Failure(code, f"current is {version}, but {failure}") from None
        receipt = {"summary": f"{version} runs in {unit['unit']}", "detail": detail(version, current)}
        self.note(unit, key=key, **{"is": "done", "receipt": receipt})
        return receipt

    def restart(self, unit, until, progress, cancelled):
        """Restarts the unit and waits until it has stayed up for `settle` seconds, in one start."""
        done = self.ask("restart", unit["unit"], limit=min(120, max(until - time.monotonic(), 0.05)))
        if done.returncode != 0:
            raise Failure(UNKNOWN_OUTCOME, f"the restart failed: {done.stderr.strip()}")
        progress(f"{unit['unit']} was restarted")
        began, up, first = time.monotonic(), None, None
        while True:
            said, now = self.show(unit), time.monotonic()
            state, restarts = said.get("ActiveState"), said.get("NRestarts")
            start = [restarts, said.get("ActiveEnterTimestamp"), said.get("ActiveEnterTimestampMonotonic")]
            if state not in ("active", "activating"):
                raise Failure(UNKNOWN_OUTCOME, f"the unit is {state}")
            first = first or start
            if restarts != first[0] or (up is not None and (state != "active" or start != first)):
                raise Failure(UNKNOWN_OUTCOME, "the unit did not stay up: it was started again")
            if state == "active" and up is None:
                up, first = now, start
            if up is not None and now >= up + self.settle:
                return
            if up is None and now >= began + 60:
                raise Failure(UNKNOWN_OUTCOME, "the unit does not come up")
            if now >= until:
                raise Failure(UNKNOWN_OUTCOME, "the unit was restarted, and there is no time left to see that it stays up")
            if cancelled.wait(0.1):
                raise Failure(CANCELLED, "the unit was restarted and not waited for")

    def became(self, unit, key):
        """What the log, `current` and the unit tell of a key; nothing of one that never began."""
        lines = [line for line in self.log(unit) if line.get("key") == key]
        for line in lines:
            if line.get("is") == "done":
                return {"found": "applied", **line["receipt"]}
        begun = next((line for line in lines if line.get("is") == "begun"), None)
        if begun is None:
            return None
        link, current, wanted, before = self.link(unit), self.current(unit), begun.get("to"), begun.get("from")
        if wanted != before and link is not None and link == begun.get("link"):
            return {"found": "not-applied", "final": True, "summary": f"it began, and current is {current} as before"}
        unknown = {"found": "unknown", "detail": detail(wanted, before)}
        if current != wanted:
            return {**unknown, "summary": f"it began, and current is {current}: undone since, perhaps"}
        said = self.show(unit)
        since, restarts = started(said), said.get("NRestarts", "")
        if said.get("ActiveState") != "active":
            return {**unknown, "summary": f"current is {current}, the unit is {said.get('ActiveState')}"}
        if since is None or since <= begun.get("at", 0) or self.behind(unit, since):
            why = "perhaps since before: look, or restart it"
        elif restarts not in ("", "0"):
            why = f"after {restarts} restarts by systemd: look whether it stays up"
        elif time.time() < since + self.settle:
            why = f"for less than {self.settle:g} s: ask again"
        else:
            return {"found": "applied", "detail": detail(current, before), "summary": f"{current} runs, started since"}
        return {**unknown, "summary": f"current is {current} and the unit runs, {why}"}

    def probe(self, operation, key):
        unit = self.found(operation)
        if self.busy[unit["unit"]].locked():
            return {"found": "unknown", "summary": "an operation on the unit is under way"}
        never = {"found": "not-applied", "final": True, "summary": "the key is not in the log: it never began"}
        return self.became(unit, key) or never


def started(said):
    """When the unit became active, in seconds, if systemd tells."""
    since = said.get("ActiveEnterTimestamp", "")
    return int(since[1:]) if since.startswith("@") and since[1:].isdigit() else None


def beside(params):
    """What came with a request in `_meta`; `until` is when nobody waits any longer, by our clock."""
    meta = params.get("_meta")
    meta = dict(meta) if isinstance(meta, dict) else {}
    left = meta.pop("deadlineMs", None)
    meta.pop("until", None)
    return {**meta, "until": time.monotonic() + left / 1000 - MARGIN} if isinstance(left, (int, float)) else meta


def user():
    """Whose rights systemctl is asked with."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def detail(version, before):
    """A restart of what is current has nothing to go back to."""
    return {"version": version, **({"previous": before} if before not in (None, "", version) else {})}


# ---------------------------------------------------------------- the plugin


class Plugin:
    def __init__(self, cookie):
        self.cookie, self.units, self.watches, self.running = cookie, Units({}), {}, {}

    def answer(self, message):
        ident, method = message["id"], message["method"]
        try:
            result = self.call(ident, method, message.get("params") or {})
        except Failure as failure:
            say({"id": ident, "error": {"code": failure.code, "message": str(failure), "data": failure.data}})
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            # Only questions end here by surprise: what acts has said Failure before it acts, or is unknown.
            code = UNKNOWN_OUTCOME if method == "perform" else BAD_PARAMS
            say({"id": ident, "error": {"code": code, "message": repr(error)}})
        except Exception as error:  # noqa: BLE001
            say({"id": ident, "error": {"code": UNKNOWN_OUTCOME, "message": repr(error)}})
        else:
            say({"id": ident, "result": result})
        finally:
            self.running.pop(str(ident), None)

    def call(self, ident, method, params):
        if method == "initialize":
            if not params["protocol"]["min"] <= PROTOCOL <= params["protocol"]["max"]:
                raise Failure(NO_PROTOCOL, "this speaks protocol 1", {"min": PROTOCOL, "max": PROTOCOL})
            self.units = Units(params["instance"]["config"])
            return {"protocol": PROTOCOL, "cookie": self.cookie, "capabilities": CAPABILITIES,
                    "plugin": {"name": "systemd.py", "version": "2"}, "identity": {"who": f"user {user()}"}}
        if method in ("ping", "shutdown"):
            return {}
        if method == "watch/start":
            if params["topic"] != "deployments":
                raise Failure(UNSUPPORTED, f"no topic {params['topic']}")
            credit = params.get("credit", CREDIT)
            self.watches[params["watch"]] = Watch(self.units, params["watch"], params["every_ms"] / 1000, credit)
            return {}
        if method in ("preview", "perform", "probe"):
            operation, meta = params["operation"], beside(params)
            if f"act:{operation['verb']}" not in CAPABILITIES:
                raise Failure(UNSUPPORTED, f"it cannot {operation['verb']}")
            if method == "preview":
                return self.units.preview(operation)
            others = [key for other, (key, _) in list(self.running.items()) if other != str(ident)]
            if method == "probe":
                if params["key"] in others:
                    return {"found": "unknown", "summary": "it is under way"}
                return self.units.probe(operation, params["key"])
            if params["key"] in others:
                raise Failure(UNKNOWN_OUTCOME, "it is under way already")
            cancelled = self.running[str(ident)][1]
            progress = lambda line: say({"method": "$/progress", "params": {"id": ident, "line": line}})  # noqa: E731
            return self.units.perform(operation, params["key"], params.get("expect"), meta, progress, cancelled)
        raise Failure(NO_METHOD, f"no method {method}")

    def notified(self, method, params):
        watch = self.watches.get(params.get("watch"))
        if method == "watch/ack" and watch:
            watch.ack(params["seq"])
        elif method == "watch/stop" and watch:
            self.watches.pop(params["watch"]).stop()
        elif method == "$/cancel":
            running = self.running.get(str(params.get("id")))
            if running:
                running[1].set()

    def serve(self):
        for line in sys.stdin.buffer:
            try:
                message = json.loads(line.decode("utf-8"))
                method = message.get("method")
                if not isinstance(method, str):
                    continue
                if "id" not in message:
                    self.notified(method, message.get("params") or {})
                elif method in ("initialize", "ping", "shutdown"):
                    self.answer(message)
                    if method == "shutdown":
                        break
                else:
                    if method == "perform":
                        params = message.get("params")
                        key = params.get("key") if isinstance(params, dict) else None
                        self.running[str(message["id"])] = (key, threading.Event())
                    # Whoever waits for a unit must not keep a ping waiting.
                    threading.Thread(target=self.answer, args=(message,), daemon=True).start()
            except (ValueError, AttributeError, KeyError, TypeError, RecursionError) as error:
                print(f"passed over a line: {error!r}", file=sys.stderr)


def main():
    cookie = os.environ.get("HOLDPOINT_COOKIE")
    if not cookie:
        print(__doc__, file=sys.stderr)
        sys.exit(64)
    Plugin(cookie).serve()
    sys.stdout.flush()
    os._exit(0)


main()

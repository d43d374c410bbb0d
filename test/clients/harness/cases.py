"""What the suites in Python share: cases, what they expect, and the lines that lines.ts reads.

One JSON object a line for each case, {"case": …, "ok": …, "detail": …}; the exit code is 0 when all of them ran.
"""
import faulthandler
import json
import time
import traceback

SECONDS_TO_WAIT = 10

CASES = []


def case(name):
    """Registers a function as a case; main() says what it is called with."""

    def register(body):
        CASES.append((name, body))
        return body

    return register


def equal(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, want {want!r}")


def raises(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def until(what, condition):
    """Waits for what others do; returns the first result that is true."""
    end = time.monotonic() + SECONDS_TO_WAIT
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError(f"not within {SECONDS_TO_WAIT} s: {what}")


def main(call, whole_run_seconds=60):
    """Runs every case by call(number, body), which gives the case what it needs."""
    # A case that hangs must not hang the run: the stacks of all threads say where.
    faulthandler.dump_traceback_later(whole_run_seconds, exit=True)
    for number, (name, body) in enumerate(CASES):
        outcome = {"case": name, "ok": True}
        try:
            call(number, body)
        except Exception:
            outcome = {"case": name, "ok": False, "detail": traceback.format_exc()}
        print(json.dumps(outcome), flush=True)

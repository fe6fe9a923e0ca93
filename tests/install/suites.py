"""The end-to-end suites of an ordinary build as clients of a school that was built otherwise."""
import os, subprocess, sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))


def run_suites(build, program):
    """On SQLite, behind nginx; ends the test where one fails."""
    gatewright, routes = os.path.join(build, "gen/gatewright"), os.path.join(ROOT, "routes.def")
    settings = {"PATH": os.environ["PATH"], "E2E_PROGRAM": program, "E2E_GATEWRIGHT": gatewright,
                "E2E_VIDEOS": os.path.join(ROOT, "examples/school/videos"), "E2E_ROUTES": routes,
                "E2E_STORE": "sqlite",
                "E2E_TRANSPORT": "native", "E2E_SERVER": "nginx"}
    for suite in ("school", "gate", "requests"):
        done = subprocess.run([os.path.join(build, "tests/e2e", "e2e_" + suite)], env=settings, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        print(done.stdout[-4000:])
        if done.returncode:
            sys.exit(f"e2e_{suite}: {done.returncode}")

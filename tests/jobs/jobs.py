"""Jobs: what a supervisor finds of one that works, fails, talks, is killed, or runs into its successor."""
import os
import signal
import subprocess
import time

from program import die_with_parent, run_tests, wait_for
from world import FULL, GATEWRIGHT, PROGRAM, ROUTES, World

ROWS = 1_000_000 if FULL else 20_000
worlds = {store: World(store, GW_LOG="text:stderr") for store in ("sqlite", "mysql")}


def job(world, *words, **environment):
    return subprocess.Popen([PROGRAM, "job", *words], env={**world.environment, **environment}, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=die_with_parent)


def ended(process, seconds=30):
    """Its status, and what it said."""
    out, err = process.communicate(timeout=seconds)
    assert "Sanitizer" not in err and "runtime error" not in err, err
    return process.returncode, out + err


def fill(world, n, made):
    """That many rows of 2019 and 7 of 2025."""
    world.sql("DELETE FROM old")
    for text, count in ((made, n), ("2025-01-01 00:00:00", 7)):
        if world.database:
            world.sql(f"INSERT INTO old (made) SELECT '{text}' FROM seq_1_to_{count}")
        else:
            world.sql(f"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {count})"
                      f" INSERT INTO old (made) SELECT unixepoch('{text}') * 1000000 FROM c")


def count(world):
    return int(world.sql("SELECT COUNT(*) FROM old"))


def test_many_rows_are_deleted():
    for world in worlds.values():
        fill(world, ROWS, "2019-01-01 00:00:00")
        begun = time.monotonic()
        assert ended(job(world, "clean_up"), 600) == (0, ""), world.database
        print(f"  {ROWS:,} rows in {time.monotonic() - begun:.1f} s", flush=True)
        assert count(world) == 7


def test_one_that_fails_says_so_by_its_status():
    for world in worlds.values():
        status, said = ended(job(world, "broken"))
        assert status == 1 and "it goes no further" in said and "broken failed: it returned 5" in said, said


def test_a_transaction_that_is_left_open_is_a_failure_and_rolled_back():
    for world in worlds.values():
        fill(world, 1, "2019-01-01 00:00:00")
        status, said = ended(job(world, "left"))
        assert status == 1 and "left its transaction open" in said, said
        assert count(world) == 8


def test_one_answers_nobody():
    status, said = ended(job(worlds["sqlite"], "talks"))
    assert status == 1 and "what is no request has tried to answer" in said and "Invalid argument" in said, said


def test_its_own_timeout_bounds_its_statements():
    for world in worlds.values():
        status, said = ended(job(world, "hurried"))
        assert status == 1 and "hurried failed: Connection timed out" in said, said


def test_words_that_are_none():
    for words in (("clean",), ("clean_up", "now"), ("",)):
        status, said = ended(job(worlds["sqlite"], *words))
        assert status == 2 and said, (words, status, said)


def test_without_a_name_they_are_listed():
    assert ended(job(worlds["sqlite"], GW_DATABASE_URL="nonsense")) == (
        0, "clean_up every 1 day\nhurried every 2 hours timeout 1s\nbroken every 1 minute\n"
           "talks every 30 minutes\nleft every 90 minutes\n")


def test_a_database_that_is_away_is_a_failure():
    for url in ("mysql://root@127.0.0.1:1/none", "sqlite:/nowhere/at/all.db"):
        status, said = ended(job(worlds["sqlite"], "clean_up", GW_DATABASE_URL=url))
        assert status in (1, 78) and said, (status, said)


def begun(world):
    """One that is in the midst of its work."""
    fill(world, 20_000, "2019-01-01 00:00:00")
    first = job(world, "clean_up", TEST_PAUSE="100")
    wait_for("the first rows are deleted", lambda: count(world) < 20_000, 20)
    return first


def test_its_successor_is_refused_while_it_runs():
    for world in worlds.values():
        first = begun(world)
        status, said = ended(job(world, "clean_up"))
        assert status == 75 and "under way" in said, (status, said)
        assert ended(job(world, "broken"))[0] == 1  # another one is not
        assert ended(first)[0] == 0
        assert ended(job(world, "clean_up"))[0] == 0
        assert count(world) == 7


def test_one_that_is_killed_leaves_no_lock_and_no_row_half_deleted():
    for sign in (signal.SIGKILL, signal.SIGTERM):
        for world in worlds.values():
            first = begun(world)
            first.send_signal(sign)
            assert ended(first)[0] == -sign
            assert (count(world) - 7) % 1000 == 0
            wait_for("the lock is gone", lambda: ended(job(world, "clean_up"))[0] == 0, 10)
            assert count(world) == 7


def test_systemd_gets_a_service_and_a_timer_for_each():
    done = subprocess.run([GATEWRIGHT, "conf", "systemd", "--program", PROGRAM], cwd=os.path.dirname(ROUTES),
                          capture_output=True, text=True, check=True).stdout
    folder = worlds["sqlite"].folder
    files = {}
    for part in done.split("# ---- ")[1:]:
        name, _, text = part.partition(" ----\n")
        files[name] = text
    assert {"jobs-clean_up.service", "jobs-clean_up.timer", "jobs-hurried.timer"} < set(files)
    assert f"ExecStart={PROGRAM} job clean_up\n" in files["jobs-clean_up.service"]
    assert "OnUnitActiveSec=86400s\n" in files["jobs-clean_up.timer"]
    assert "TimeoutStartSec=31\n" in files["jobs-hurried.service"]
    for name, text in files.items():
        with open(f"{folder}/{name}", "w") as file:
            file.write(text)
    checked = subprocess.run(["systemd-analyze", "verify", *(f"{folder}/{name}" for name in files if "jobs-" in name)],
                             capture_output=True, text=True, env={**os.environ, "SYSTEMD_UNIT_PATH": folder + ":"})
    mine = [line for line in checked.stderr.splitlines() if "jobs-" in line]
    assert not mine, mine


try:
    run_tests(globals())
finally:
    for one in worlds.values():
        one.end()
        one.remove()

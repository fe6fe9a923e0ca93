"""Limits that several processes share, counted in a store: exactly, whoever asks where, and by each process for itself
while the store is away. What was admitted is counted here, by the answers."""
import collections
import contextlib
import re
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from program import run_tests
from world import PROGRAM, Site, serving, store

def burst(sites, n, ask):
    """Statuses of `n` requests from 48 connections at once, turn by turn to each of the processes."""
    with ThreadPoolExecutor(48) as pool:
        return collections.Counter(pool.map(lambda i: ask(sites[i % len(sites)], i)[0], range(n)))


# ---- The border ----

def test_two_processes_with_8_workers_each_admit_exactly_the_limit():
    with serving(2) as sites:
        for client in "192.0.2.10", "192.0.2.11", "2001:db8:0:1::1":
            found = burst(sites, 96, lambda site, i: site.ask("/address", client))
            assert found == {200: 7, 429: 89}, (client, found)
        found = burst(sites, 60, lambda site, i: site.ask("/caller", "198.51.100.%d" % i, 1))
        assert found == {200: 7, 429: 53}, found
        found = burst(sites, 60, lambda site, i: site.ask("/guest", "198.51.100.7"))
        assert found == {200: 7, 429: 53}, found
        found = burst(sites, 60, lambda site, i: site.ask("/body", body={"to": "Eve@School.Test" if i % 3 else
                                                                         "eve@school.test", "n": 1}))
        assert found == {200: 7, 429: 53}, found
        found = burst(sites, 96, lambda site, i: site.ask("/number", "198.51.100.%d" % i, body={"to": "a@b.test", "n": 5}))
        assert found == {200: 20, 429: 76}, found  # two from each address, ten times that from everywhere
        found = burst(sites, 60, lambda site, i: site.ask("/several", "198.51.100.9", 1 + i % 2))
        assert 3 <= found[200] <= 5 and set(found) == {200, 429}, found


def test_many_clients_at_once_have_each_their_own():
    with serving(2) as sites:
        admitted, lock = collections.Counter(), threading.Lock()

        def ask(site, i):
            client = "203.0.113.%d" % (i % 20)
            answer = site.ask("/name/x", client)
            with lock:
                admitted[client] += answer[0] == 200
            return answer
        found = burst(sites, 200, ask)
        assert admitted == {"203.0.113.%d" % i: 7 for i in range(20)}, admitted
        assert found == {200: 140, 429: 60}, found
        # The parameter's value is no part of what is counted: it is one route.
        assert sites[0].ask("/name/y", "203.0.113.3")[0] == 429


def test_counts_outlive_the_process_and_the_answer_says_until_when():
    for _ in range(2):
        with serving(1) as (site,):
            found = [site.ask("/again") for _ in range(9)]
            status, head, _ = found[-1]
            assert status == 429 and "limit.address" in site.reason()
            after = int(re.search(r"Retry-After: (\d+)", str(head)).group(1))
            assert 1 <= after <= 86400 and f'"address";r=0;t={after}' in str(head), head
            assert '"address";q=7;w=86400' in str(head), head
    assert [status for status, _, _ in found] == [429] * 9


def test_in_the_next_window_they_are_served_again():
    with serving(2) as sites:
        begun = time.monotonic()
        good = sum(sites[i % 2].ask("/second")[0] == 200 for i in range(20))
        windows = int(time.monotonic() - begun) + 2  # that can have begun meanwhile, at most
        assert 3 <= good <= 3 * windows, (good, windows)
        time.sleep(1.1)
        found = [site.ask("/second")[0] for site in sites]
        assert found == [200, 200], found


# ---- The store ----

def test_a_place_is_used_again_and_clocks_may_differ():
    with serving(1) as (site,):
        before = {row[0] for row in store.run("SELECT place FROM gw_limits")}
        assert [site.ask("/clock", "192.0.2.77")[0] for _ in range(6)] == [200] * 6
        (place, period), = [row for row in store.run("SELECT place, period FROM gw_limits") if row[0] not in before]
        assert re.fullmatch("86400:[0-9a-f]{5}", place), place

        def say(what):
            store.run("UPDATE gw_limits SET %s WHERE place = '%s'" % (what, place))
            status = site.ask("/clock", "192.0.2.77")[0]
            return [status] + store.run("SELECT period, n FROM gw_limits WHERE place = '%s'" % place)[0]
        day = int(period)
        # Another machine's clock is ahead by a moment, and in the next window: it is counted on there.
        assert say("period = %d" % (day + 1)) == [200, str(day + 1), "7"]
        assert say("period = period") == [429, str(day + 1), "8"]
    with serving(1) as (site,):
        # A window that is over, and one of a clock that was put back by days: both begin anew.
        assert say("period = %d" % (day - 1)) == [200, str(day), "1"]
        assert say("n = 100, period = %d" % (day + 3)) == [200, str(day), "1"]
        assert {row[0] for row in store.run("SELECT place FROM gw_limits")} == before | {place}


def test_what_has_expired_is_swept_and_the_key_stays():
    with serving(1) as (site,):
        assert site.ask("/again", "192.0.2.200")[0] == 200
    key = store.run("SELECT period, n FROM gw_limits WHERE place = 'key'")
    store.run("UPDATE gw_limits SET expires = 1 WHERE place <> 'key'")
    with serving(1) as (site,):
        until = time.monotonic() + 10
        while store.run("SELECT place FROM gw_limits WHERE place <> 'key'") and time.monotonic() < until:
            time.sleep(0.1)
        assert store.run("SELECT place FROM gw_limits") == [["key"]]
        assert [site.ask("/again", "192.0.2.200")[0] for _ in range(8)] == [200] * 7 + [429]
    assert store.run("SELECT period, n FROM gw_limits WHERE place = 'key'") == key


def test_a_request_costs_one_statement_and_whoever_is_refused_none():
    if not store.server:
        return
    with serving(1, GW_WORKERS="1") as (site,):
        site.ask("/again", "192.0.2.99")
        before = store.inserts()
        assert [site.ask("/again", "192.0.2.98")[0] for _ in range(8)] == [200] * 7 + [429]
        assert store.inserts() - before == 8, store.inserts() - before
        assert [site.ask("/again", "192.0.2.98")[0] for _ in range(50)] == [429] * 50
        assert store.inserts() - before == 8


def test_who_waits_for_the_store_holds_up_nobody():
    with serving(1, GW_WORKERS="4") as (site,):
        site.ask("/held")
        with ThreadPoolExecutor(4) as pool:
            with store.locked("place <> 'key'"):
                late = [pool.submit(site.ask, "/held") for _ in range(2)]
                time.sleep(0.2)
                for _ in range(20):
                    assert site.ask("/plain")[0] == 200
                assert not any(one.done() for one in late), "the others were answered while these two waited"
            assert [one.result()[0] for one in late] == [200, 200]


def test_without_the_table_nobody_is_served():
    with serving(1) as (site,):
        site.ask("/again", "192.0.2.55")
        store.run("ALTER TABLE gw_limits RENAME TO elsewhere")
        try:
            assert site.ask("/again", "192.0.2.56")[0] == 500
            assert "limit.failed" in site.reason(), site.reason()
            assert site.ask("/plain")[0] == 200
        finally:
            store.run("ALTER TABLE elsewhere RENAME TO gw_limits")
        assert site.ask("/again", "192.0.2.56")[0] == 200


def by_cgi(site):
    done = subprocess.run([PROGRAM], env={**site.environment, "GATEWAY_INTERFACE": "CGI/1.1", "REMOTE_ADDR": "192.0.2.3",
                                          "REQUEST_METHOD": "GET", "REQUEST_URI": "/cgi", "SERVER_PROTOCOL": "HTTP/1.1"},
                          capture_output=True, text=True, timeout=30)
    found = re.search(r"Status: (\d+)", done.stdout)
    return int(found[1]) if found else 200 if "192.0.2.3" in done.stdout else done


def test_by_cgi_it_is_counted_too():
    with Site(GW_PROCESSES="1") as site:
        assert [by_cgi(site) for _ in range(9)] == [200] * 7 + [429] * 2


def test_by_libfcgi_it_is_the_same():
    with serving(2, GW_TRANSPORT="libfcgi") as sites:
        found = burst(sites, 60, lambda site, i: site.ask("/address", "192.0.2.40"))
        assert found == {200: 7, 429: 53}, found


def test_check_takes_several_processes():
    with Site(GW_PROCESSES="40") as site:
        assert "good" in site.run("--check")


def test_while_the_store_is_away_each_process_counts_for_itself():
    """The last test: it stops the server."""
    with serving(2) as sites:
        assert [site.ask("/away")[0] for site in sites] == [200, 200]
        with contextlib.ExitStack() as stack:
            if store.server:
                store.server.stop()
            else:
                stack.enter_context(store.locked(None))
            begun = time.monotonic()
            for site in sites:  # one each was counted while the store was there
                found = burst([site], 40, lambda site, i: site.ask("/away"))
                assert found == {200: 6, 429: 34}, found
                assert burst([site], 20, lambda site, i: site.ask("/away", "192.0.2.2")) == {200: 7, 429: 13}
            print("while the store was away: %.1f s" % (time.monotonic() - begun))
            assert by_cgi(sites[0]) == 503  # which has no memory to count in
        if store.server:
            store.server.start()
        time.sleep(1.2)
        assert sites[0].ask("/away", "192.0.2.4")[0] == 200


run_tests({name: value for name, value in globals().items() if name.startswith("test_")})

"""replica.py: a primary dies, its replica is promoted, and the old one comes back, writable as it was.

Not a cluster: whoever promotes decides. Two program hosts are told `home=yes`, one is not; none may go home to a server
that lacks rows."""
import signal
import sys
import time

from galera import Server, template_of
from hosts import STATEMENT_S, Clients
from program import wait_for
from world import CACHE, FULL, World, enter_network, schema, url_of

CALM_S = 5 if FULL else 2


def start_server(world, number, template):
    host = world.databases[number]
    server = Server(host, "%s/%s" % (world.folder, host.address), template, [
        "server-id=%d" % (number + 1), "log-bin=log", "log-slave-updates=ON", "gtid-strict-mode=ON",
        "rpl-semi-sync-slave-enabled=ON", "rpl-semi-sync-master-timeout=3600000",
        "rpl-semi-sync-master-wait-point=AFTER_SYNC",
        "read-only=%s" % ("ON" if number else "OFF")])
    world.ends.append(lambda: server.stop(signal.SIGKILL))
    return server


def replicate(primary, replica):
    primary.ask("CREATE USER replica@'%'; GRANT REPLICATION SLAVE ON *.* TO replica@'%'; CREATE DATABASE cluster;"
                "CREATE USER program@'%'; GRANT ALL ON cluster.* TO program@'%'")
    replica.ask("CHANGE MASTER TO MASTER_HOST='%s', MASTER_USER='replica', MASTER_USE_GTID=slave_pos; START SLAVE" %
                primary.host.address)
    primary.ask(schema(), "cluster")
    wait_for("the replica", lambda: position(primary) == position(replica), 20)
    # A commit is confirmed once the replica has it: what is confirmed may not be lost with the primary.
    primary.ask("SET GLOBAL rpl_semi_sync_master_enabled = ON")


def position(server):
    return server.ask("SELECT @@gtid_current_pos")


def notes(server):
    return {int(key): word for key, word in server.rows("SELECT id, word FROM notes")}


def promote(replica):
    """As by hand: first what it has been sent, then its own writes."""
    wait_for("all applied", lambda: "Slave has read all relay log" in replica.ask("SHOW SLAVE STATUS"))
    replica.ask("STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = 0")


def check_lost_primary(world, primary, replica, clients):
    """Until the promotion reads go on and writes are 503."""
    primary.stop(signal.SIGKILL)
    killed = time.monotonic()
    time.sleep(STATEMENT_S + CALM_S)
    counts = clients.counts(killed + STATEMENT_S)
    assert counts["me", 200] and counts["read", 200] and counts["write", 503] and not counts["write", 201], counts
    assert not counts["me", 503], counts
    promote(replica)
    promoted = time.monotonic()
    wait_for("writes on the promoted one", lambda: clients.counts(promoted)["write", 201], 5)
    return killed, promoted, time.monotonic() - promoted


def check_old_primary(world, primary, replica, clients):
    """It is back with the rows that it had. Nobody writes there, or reads."""
    primary.start()
    had = notes(primary)
    back = time.monotonic()
    questions = int(primary.ask("SHOW STATUS LIKE 'Com_stmt_execute'").split()[1])
    wait_for("a line on the rival", lambda: all("is left alone" in p.said() for p in world.programs))
    time.sleep(2 * CALM_S)
    assert clients.counts(back)["write", 201] and not clients.failed_between(back)
    assert notes(primary) == had, "rows were written on the old primary"
    assert int(primary.ask("SHOW STATUS LIKE 'Com_stmt_execute'").split()[1]) == questions, "it was asked for rows"


def check_start_beside(world):
    """A program that starts now, or looks: two take writes, and which holds the rows nobody can tell."""
    status, said = world.programs[0].run("--check")
    assert status == 78 and "both take writes" in said, (status, said)


def main():
    enter_network()
    with World() as world:
        template = template_of(CACHE, world.folder)
        primary, replica = (start_server(world, i, template).start() for i in range(2))
        replicate(primary, replica)
        world.start_programs([url_of(world.databases[:2], options) for options in ("", "home=yes", "home=yes")])
        clients = Clients(world.send).add_people(5).start()
        time.sleep(CALM_S)
        assert not clients.failed_between(0)
        killed, promoted, after = check_lost_primary(world, primary, replica, clients)
        check_old_primary(world, primary, replica, clients)
        check_start_beside(world)
        clients.finish()
        # A replica may answer a read before it has applied what it has been sent.
        wrong = [w for w in clients.wrong if not (w[1:3] == ("read", 404) and killed - 1 < w[0] < promoted)]
        assert not wrong, wrong[:5]
        assert not clients.failed_between(0, statuses=(0, 500))
        lost = [item for item in clients.acked.items() if notes(replica).get(item[0]) != item[1]]
        assert not lost, ("confirmed, and lost", lost[:5])
        print("%d confirmed, none lost; writes went on %.2f s behind the promotion; %d reads too early" % (
            len(clients.acked), after, len(clients.wrong)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

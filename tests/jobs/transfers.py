"""64 clients that move amounts between the same few rows, each in a transaction that is repeated where another one is in its
way: every sum is right in the end, and none was given up before its time was over."""
import collections
import random
import threading
import time

import fcgi
from world import World

CLIENTS, EACH, ACCOUNTS = 64, 25, 4
SECONDS = 10  # for a request


class Client(threading.Thread):
    def __init__(self, world, seed):
        super().__init__()
        self.address, self.random = world.address, random.Random(seed)
        self.ledger, self.early, self.late, self.wrong = collections.Counter(), 0, 0, []

    def run(self):
        for _ in range(EACH):
            source, target = self.random.sample(range(1, ACCOUNTS + 1), 2)
            begun = time.monotonic()
            status, head, body = fcgi.request(self.address, f"/move/{source}/{target}", method="POST", timeout=60)
            took = time.monotonic() - begun
            if status == 204:
                self.ledger[source] -= 1
                self.ledger[target] += 1
            elif status == 503 and took > 0.9 * SECONDS:
                self.late += 1
            elif status == 503:
                self.early += 1
            else:
                self.wrong.append((status, body))


def run(store):
    with World(store, GW_WORKERS=str(CLIENTS), GW_REQUEST_TIMEOUT=f"{SECONDS}s", GW_STORE_TIMEOUT="5s") as world:
        for account in range(1, ACCOUNTS + 1):
            world.sql(f"INSERT INTO accounts VALUES ({account}, 1000)")
        world.start_program()
        clients = [Client(world, seed) for seed in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        moved = CLIENTS * EACH - sum(client.late + client.early + len(client.wrong) for client in clients)
        deadlocks = world.sql("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'") if world.database else "-"
        print(f"{store}: {moved} transfers, {sum(client.late for client in clients)} out of time, "
              f"{sum(client.early for client in clients)} given up early; {deadlocks}", flush=True)
        assert not [client.wrong for client in clients if client.wrong], [c.wrong for c in clients if c.wrong][:3]
        assert not sum(client.early for client in clients)
        assert moved > CLIENTS * EACH / 2
        for account in range(1, ACCOUNTS + 1):
            amount = int(world.sql(f"SELECT amount FROM accounts WHERE id = {account}"))
            assert amount == 1000 + sum(client.ledger[account] for client in clients), (account, amount)
        assert world.stop() == 0


for store in ("sqlite", "mysql"):
    run(store)

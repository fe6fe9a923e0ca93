"""Each sequence of what may happen to a session, beside a model of what the manual says of it."""
import itertools

from program import SECRET, run_tests
from world import STORE, call, claims_of, opened, owner_of, refresh, signed, world

LENGTH = {"sqlite": 4, "mysql": 4}[STORE]


class Model:
    """docs/tokens.md, "Sessions", in as few words as Python has."""

    def __init__(self):
        self.good, self.age, self.seen, self.answered, self.over = 1, 1000, True, 0, False

    def wait(self, seconds):
        self.age += seconds

    def refresh(self, generation):
        if self.over:
            return 401, None
        if generation > self.good:
            return 503, None
        if generation == self.good and self.age >= 10:
            self.good, self.age, self.seen, self.answered = self.good + 1, 0, False, 0
            return 200, self.good
        if generation == self.good:
            self.seen = True
            return 200, self.good
        just_replaced = generation == self.good - 1 and self.age < 10
        if just_replaced and not self.seen and self.answered < 3:
            self.answered += 1
            return 200, self.good
        self.over = True
        return 401, None


# What happens: a refresh with the newest token that the client has, with the one before, with an older one, with
# one that is not made yet; the newest once more, since the answer was lost; time; the end.
EVENTS = ("newest", "before", "older", "next", "lost", "4 s", "11 s", "ended")


class Client:
    def __init__(self, site, database, claims, number):
        self.site, self.database = site, database
        self.sid = "%022d" % number
        self.claims = {**claims, "sid": self.sid}
        self.held, self.model = 1, Model()
        database.run("INSERT INTO gw_sessions SELECT '%s', owner, 1, replaced - 1000, 1, 0, created, used, expires, ends,"
                     " '', '' FROM gw_sessions WHERE sid = '%s'" % (self.sid, claims["sid"]))

    def present(self, generation, learns=True):
        if generation < 1:
            return
        status, answer = refresh(self.site, signed({**self.claims, "gen": generation}))
        got = claims_of(answer["refresh_token"])["gen"] if status == 200 else None
        assert (status, got) == self.model.refresh(generation), (status, got, generation)
        if got and learns:
            self.held = got

    def happen(self, event):
        if event.endswith(" s"):
            seconds = int(event[:-2])
            self.database.pass_time(seconds, self.sid)
            self.model.wait(seconds)
        elif event == "ended":
            self.database.run("DELETE FROM gw_sessions WHERE sid = '%s'" % self.sid)
            self.model.over = True
        else:
            generation = self.held + {"newest": 0, "lost": 0, "before": -1, "older": -2, "next": 1}[event]
            self.present(generation, event != "lost")


def follow(site, database, claims, sequences):
    for number, sequence in enumerate(sequences):
        client = Client(site, database, claims, number)
        for i, event in enumerate(sequence):
            try:
                client.happen(event)
            except AssertionError as error:
                raise AssertionError("%s: %s" % (sequence[:i + 1], error)) from error


def test_every_sequence_goes_as_the_model_says():
    with world() as (site, database):
        claims = claims_of(opened(site)["refresh_token"])
        sequences = list(itertools.product(EVENTS, repeat=LENGTH))
        follow(site, database, claims, sequences)
        print("%d sequences" % len(sequences))


def test_longer_sequences_that_begin_with_a_replacement():
    """The grace in full: its repeats, its time, and what ends it."""
    with world() as (site, database):
        claims = claims_of(opened(site)["refresh_token"])
        begins = [("newest", "11 s", "newest"), ("newest", "11 s", "lost")]
        events = ("newest", "before", "lost", "4 s")
        sequences = [b + rest for b in begins for rest in itertools.product(events, repeat=4)]
        follow(site, database, claims, sequences)
        print("%d sequences" % len(sequences))


if __name__ == "__main__":
    run_tests({name: value for name, value in globals().items() if name.startswith("test_")})

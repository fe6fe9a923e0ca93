"""The program as a process: keys rotated under load, reloads, the keys of an identity provider that
runs here, and the commands. Usage: process.py PROGRAM."""

import contextlib
import http.server
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from program import Program, wait_for

PORT = 28443  # of the issuer `staff` in routes.def
SITE = Program(sys.argv[1])
FOLDER, LOG, ENVIRONMENT = SITE.folder, SITE.log, SITE.environment
KEYS = FOLDER + "/keys"
run, program = SITE.run, SITE.running

del ENVIRONMENT["GW_SECRET_KEY"]
ENVIRONMENT.update({
    "GW_KEYS_DIR": KEYS,
    "GW_ISSUERS_DIR": FOLDER,
    "GW_WORKERS": "4",
    "GW_DENY_LIST": "on",
    "SSL_CERT_FILE": FOLDER + "/ca.pem",
})


def request(method, target, token=None):
    """(status, body)"""
    status, body = SITE.request(method, target, token)
    return status, body.decode()


def token_of(answer):
    assert answer[0] == 200, answer
    return json.loads(answer[1])["token"]


def becomes(condition):
    """Until the program answers so; it may be away meanwhile."""
    def tried():
        with contextlib.suppress(OSError):
            return condition()
    try:
        wait_for("a change", tried)
    except AssertionError as error:
        raise AssertionError("%s\n%s" % (error, open(LOG).read()[-2000:])) from error


def reload(process, expected):
    with open(LOG) as log:
        log.seek(0, 2)
        process.send_signal(signal.SIGHUP)
        seen = []
        becomes(lambda: seen.append(log.read()) or expected in "".join(seen))


def kid(token):
    return jwt.get_unverified_header(token).get("kid")


# ---- Keys ----

def keys_are_rotated_under_load():
    run("keys", "new", "ES256", "first")
    stop, failures, counts = threading.Event(), [], {}
    with program() as process:
        old = token_of(request("POST", "/new/pro?email=load@example.com"))
        assert kid(old) == "first"

        def load(name):
            token = old
            while not stop.is_set():
                try:
                    status, body = request("GET", "/renew", token)
                except OSError as error:
                    failures.append(error)
                    continue
                if status != 200:
                    failures.append((status, body, kid(token)))
                    continue
                token = json.loads(body)["token"]
                counts[kid(token)] = counts.get(kid(token), 0) + 1
                if request("GET", "/me", old)[0] != 200:
                    failures.append("the old key's token")

        threads = [threading.Thread(target=load, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.2)
        for algorithm, name in ("EdDSA", "second"), ("RS256", "third"), ("HS256", "fourth"):
            run("keys", "new", algorithm, name)
            reload(process, "first signs" if name == "second" else "signs")
            run("keys", "rotate", name)
            reload(process, name + " signs")
            assert kid(token_of(request("GET", "/renew", old))) == name
            time.sleep(0.15)
        stop.set()
        for thread in threads:
            thread.join()
        assert not failures, failures[:5]
        assert set(counts) == {"first", "second", "third", "fourth"}, counts
        print("rotated under load:", counts)

        assert "signs" in run("keys", "retire", "fourth", code=1)
        run("keys", "retire", "first")
        assert request("GET", "/me", old)[0] == 200, "not before the reload"
        reload(process, "fourth signs")
        assert request("GET", "/me", old)[0] == 401

        served = json.loads(request("GET", "/.well-known/jwks.json")[1])
        assert sorted(key["kid"] for key in served["keys"]) == ["second", "third"], served


def a_bad_set_keeps_the_old_one():
    with program() as process:
        token = token_of(request("POST", "/new/pro?email=bad@example.com"))
        for name, text, why in (("broken.pem", "-----BEGIN PUBLIC KEY-----\n", "not a PEM"),
                                ("README", "hello", "no key's name"),
                                ("twice.jwk", open(KEYS + "/second.jwk").read(), "another key")):
            with open(f"{KEYS}/{name}", "w") as file:
                file.write(text)
            reload(process, "the keys stay as they were")
            assert why in open(LOG).read().splitlines()[-1] or why in open(LOG).read()
            assert request("GET", "/me", token)[0] == 200
            assert kid(token_of(request("GET", "/renew", token))) == "fourth"
            os.unlink(f"{KEYS}/{name}")
        reload(process, "fourth signs")
    listed = run("keys", "list")
    assert "fourth" in listed and "active" in listed and "first.jwk.retired" in listed, listed
    assert "is not an algorithm" in run("keys", "new", "none", code=1)
    assert "there already" in run("keys", "new", "ES256", "second", code=1)
    assert "dot" in run("keys", "new", "ES256", ".x", code=1)
    assert "not there" in run("keys", "rotate", "nothing", code=1)
    assert os.stat(KEYS + "/second.jwk").st_mode & 0o777 == 0o600


def no_reload_is_refused_while_keys_are_rotated():
    """Whatever moment of `keys new`, `rotate` and `retire` a SIGHUP falls into."""
    folder = FOLDER + "/rotating"
    os.mkdir(folder)
    ENVIRONMENT["GW_KEYS_DIR"] = folder
    run("keys", "new", "ES256", "k0")
    os.unlink(folder + "/active")  # as a folder that holds one key copied there by hand
    with program() as process:
        before, stop = len(open(LOG).read()), threading.Event()

        def reload_often():
            while not stop.is_set():
                process.send_signal(signal.SIGHUP)
                time.sleep(0.001)

        thread = threading.Thread(target=reload_often)
        thread.start()
        for i in range(1, 40):
            run("keys", "new", "HS256", f"k{i}")
            run("keys", "rotate", f"k{i}")
            run("keys", "retire", f"k{i - 1}")
        stop.set()
        thread.join()
        reload(process, "k39 signs")
        lines = open(LOG).read()[before:].splitlines()
        refused = [line for line in lines if "stay as they were" in line]
        read = [line for line in lines if "keys read" in line]
        assert not refused, (len(refused), refused[:3])
        assert len(read) > 100, len(read)
        print("reloads while keys were rotated:", len(read))
    ENVIRONMENT["GW_KEYS_DIR"] = KEYS
    shutil.rmtree(folder)


def weak_and_doubtful_keys_stop_the_start():
    """RSA under 2048 bits, e = 1, a short secret, an id twice: exit 78, and it says which file."""
    from cryptography.hazmat.primitives import serialization
    folder = FOLDER + "/weak"
    os.mkdir(folder)
    settings = {**ENVIRONMENT, "GW_KEYS_DIR": folder}

    def stops(name, text, why):
        with open(f"{folder}/{name}", "w") as file:
            file.write(text)
        for arguments in ([], ["--check"]):
            done = subprocess.run([SITE.program, *arguments], env=settings, capture_output=True, text=True,
                                  timeout=30)
            assert done.returncode == 78 and why in done.stderr and name in done.stderr, done
        os.unlink(f"{folder}/{name}")

    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    pem = short.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                              serialization.NoEncryption()).decode()
    stops("short.pem", pem, "2048")
    public = key_of("one")[1]
    stops("one.jwk", json.dumps({**public, "e": "AQ"}), "exponent")
    stops("secret.jwk", json.dumps({"kty": "oct", "alg": "HS512", "k": "A" * 80}), "shorter")
    shutil.copy(KEYS + "/second.jwk", folder)
    stops("twice.jwk", open(KEYS + "/second.jwk").read(), "id of another key")
    shutil.rmtree(folder)


def tokens_are_explained():
    good = run("token", "users", "1").splitlines()[0]
    text = run("token", "inspect", good)
    assert "verdict: the signature and the times are good" in text and "exp is 20" in text, text
    assert good.rpartition(".")[2] not in text
    text = run("token", "inspect", input=good[:-4] + "AAAA\n", code=1)
    assert "refused, jwt.signature" in text and "AAAA" not in text, text
    assert "jwt.kid" in run("token", "inspect", jwt.encode({"exp": 1}, "x"), code=1)
    assert "jwt.segments" in run("token", "inspect", "a.b", code=1)
    run("token", "inspect", input="", code=2)
    run("token", code=2)


# ---- Beside flask-jwt-router ----

def tokens_of_pyjwt_are_good_until_revoked():
    """What the library makes (id, table_name, exp) and one with iat; and PyJWT reads ours."""
    secret = "the secret of both programs, which share it"
    saved = {name: ENVIRONMENT.pop(name) for name in ("GW_KEYS_DIR", "GW_DENY_LIST")}
    ENVIRONMENT["GW_SECRET_KEY"] = secret
    try:
        with program():
            ours = token_of(request("POST", "/new/pro?email=flask@example.com"))
            claims = jwt.decode(ours, secret, algorithms=["HS256"])
            assert abs(claims["epoch"] / 2e6 - time.time()) < 60 and claims["epoch"] % 2 == 0, claims
            now = int(time.time())
            theirs = {"table_name": "users", "id": claims["id"], "exp": now + 600}
            both = [jwt.encode(theirs, secret), jwt.encode({**theirs, "iat": now}, secret)]
            for token in both:
                assert request("GET", "/me", token)[0] == 200, token
            renewed = token_of(request("GET", "/renew", both[0]))
            assert jwt.decode(renewed, secret, algorithms=["HS256"])["epoch"] == claims["epoch"]
            assert request("GET", "/me", jwt.encode({**theirs, "iat": now - 3600}, secret))[0] == 401
            assert request("POST", "/revoke", both[0])[0] == 204
            for token in [ours, renewed, *both]:
                assert request("GET", "/me", token)[0] == 401, token
    finally:
        del ENVIRONMENT["GW_SECRET_KEY"]
        ENVIRONMENT.update(saved)


# ---- An identity provider ----

class Provider(http.server.BaseHTTPRequestHandler):
    """What it answers is in `documents`: path to (status, text)."""
    documents = {}

    def do_GET(self):
        status, text = self.documents.get(self.path, (404, ""))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", text)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(text.encode())

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def provider():
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost", "-keyout", FOLDER + "/tls.key",
                    "-out", FOLDER + "/ca.pem"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(FOLDER + "/ca.pem", FOLDER + "/tls.key")
    server = None
    for _ in range(300):  # another run of this test may have the port
        try:
            server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Provider)
            break
        except OSError:
            time.sleep(0.2)
    assert server, f"port {PORT} is taken"
    server.handle_error = lambda *arguments: None  # clients that refuse the certificate
    server.socket = context.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://localhost:{PORT}/staff"
    server.shutdown()
    server.server_close()


def key_of(name):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    public.update(kid=name, use="sig", alg="RS256")
    public.pop("key_ops", None)
    return key, public


def keys_are_fetched_and_reread():
    key, public = key_of("k1")
    later, public_later = key_of("k2")
    with provider() as issuer, program() as process:
        request("POST", "/new/pro?email=staff@example.com&sub=77")

        def id_token(with_key, name, **changes):
            claims = {"iss": issuer, "aud": "school", "sub": "77", "exp": int(time.time()) + 60}
            return jwt.encode({**claims, **changes}, with_key, algorithm="RS256",
                              headers={"kid": name})

        first, second = id_token(key, "k1"), id_token(later, "k2")
        assert request("GET", "/teach", first)[0] == 401
        at = Provider.documents
        discovery = "/staff/.well-known/openid-configuration"
        file = FOLDER + "/staff.jwks.json"

        def fetch(why, *arguments):
            before = open(file).read() if os.path.exists(file) else None
            text = run("keys", "fetch", "staff", *arguments, code=1)
            assert why in text, text
            assert before == (open(file).read() if os.path.exists(file) else None)

        fetch("HTTP response code")
        at[discovery] = (200, "[]")
        fetch("not a JSON object")
        at[discovery] = (200, json.dumps({"issuer": issuer + "/", "jwks_uri": "https://x/"}))
        fetch("of another issuer")
        at[discovery] = (200, json.dumps({"issuer": issuer, "jwks_uri": "http://localhost/"}))
        fetch("no https")
        keys_url = f"https://localhost:{PORT}/keys"
        at[discovery] = (200, json.dumps({"issuer": issuer, "jwks_uri": keys_url}))
        at["/keys"] = (302, f"https://localhost:{PORT}/elsewhere")
        at["/elsewhere"] = (200, json.dumps({"keys": [public]}))
        fetch("not a 200")
        at["/keys"] = (200, "x" * (2 << 20))
        fetch("")
        at["/keys"] = (200, json.dumps({"keys": [{"kty": "oct", "k": "AAAA"}]}))
        fetch("publishes a secret")
        fetch("", f"http://localhost:{PORT}/elsewhere")
        fetch("", f"https://127.0.0.1:{PORT}/elsewhere")  # the certificate has another name
        ENVIRONMENT["SSL_CERT_FILE"] = "/etc/ssl/certs/ca-certificates.crt"
        fetch("SSL")
        ENVIRONMENT["SSL_CERT_FILE"] = FOLDER + "/ca.pem"

        at["/keys"] = (200, json.dumps({"keys": [public]}))
        assert "1 keys" in run("keys", "fetch", "staff")
        becomes(lambda: request("GET", "/teach", first)[0] == 200)
        assert request("GET", "/me", first)[0] == 403
        assert request("GET", "/teach", second)[0] == 401
        assert "as before" in run("keys", "fetch", "staff")

        at["/keys"] = (200, json.dumps({"keys": [public, public_later]}))
        run("keys", "fetch", "staff", keys_url)
        becomes(lambda: request("GET", "/teach", second)[0] == 200)
        assert request("GET", "/teach", first)[0] == 200

        with open(file, "w") as broken:
            broken.write("{")
        becomes(lambda: "its keys stay as they were" in open(LOG).read())
        assert request("GET", "/teach", first)[0] == 200
        os.unlink(file)  # withdrawn: at once, and not by a restart
        becomes(lambda: request("GET", "/teach", first)[0] == 401)
        assert "staff.jwks.json is not there" in open(LOG).read()
        run("keys", "fetch", "staff")
        becomes(lambda: request("GET", "/teach", first)[0] == 200)
        os.unlink(file)  # and at SIGHUP, whichever comes first
        reload(process, "is not there")
        assert request("GET", "/teach", first)[0] == 401
        run("keys", "fetch", "staff")
        becomes(lambda: request("GET", "/teach", second)[0] == 200)
        at["/keys"] = (200, json.dumps({"keys": []}))  # the issuer withdraws them
        assert "0 keys" in run("keys", "fetch", "staff")
        becomes(lambda: request("GET", "/teach", first)[0] == 401)
        assert "holds no key" in open(LOG).read()

        weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
        weak = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(weak.public_key()))
        at["/keys"] = (200, json.dumps({"keys": [{"kty": "AKP", "kid": "new"}, weak, public_later]}))
        text = run("keys", "fetch", "staff")
        assert "key 2 will be left out" in text and "1 keys" in text, text
        becomes(lambda: request("GET", "/teach", first)[0] == 401)
        becomes(lambda: request("GET", "/teach", second)[0] == 200)
        assert request("GET", "/teach", id_token(later, "k2", aud="other"))[0] == 401
        assert "no such issuer" in run("keys", "fetch", "nobody", code=2)


with SITE:
    os.mkdir(KEYS)
    keys_are_rotated_under_load()
    a_bad_set_keeps_the_old_one()
    no_reload_is_refused_while_keys_are_rotated()
    weak_and_doubtful_keys_stop_the_start()
    tokens_are_explained()
    tokens_of_pyjwt_are_good_until_revoked()
    keys_are_fetched_and_reread()

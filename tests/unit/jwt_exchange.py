"""Tokens exchanged with two other implementations, both ways: PyJWT and José (the command `jose`).

Exits with 77 (skipped) where either is missing."""

import base64
import json
import shutil
import subprocess
import sys
import tempfile

try:
    import jwt
except ImportError:
    sys.exit(77)
if not shutil.which("jose"):
    sys.exit(77)

TOOL = sys.argv[1]
SECRET = "correct horse battery staple, and then some"
OTHER = "another secret that is long enough for HS256"
NOW = 1500000000
CLAIMS = [
    {"table_name": "users", "id": 7, "exp": NOW + 1},
    {"table_name": "users", "id": 2**63 - 1, "exp": NOW + 60, "iat": NOW, "epoch": 0},
    {"exp": 2**53 - 1, "text": 'é €😀 " \\ \n', "list": [1, -2.5, True, None, {}]},
]


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, **options)


def ours_sign(claims):
    done = run(TOOL, "sign", SECRET, json.dumps(claims))
    assert done.returncode == 0, done
    return done.stdout.strip()


def ours_verify(token, secret=SECRET):
    done = run(TOOL, "verify", secret, token, str(NOW))
    return done.returncode, json.loads(done.stdout) if done.returncode == 0 else done.stdout.strip()


class PyJwt:
    @staticmethod
    def sign(claims, secret):
        return jwt.encode(claims, secret, algorithm="HS256")

    @staticmethod
    def verify(token, secret):
        try:
            return jwt.decode(token, secret, algorithms=["HS256"], options={"verify_exp": False,
                                                                              "verify_iat": False})
        except jwt.InvalidTokenError:
            return None


class Jose:
    @staticmethod
    def key(secret):
        file = tempfile.NamedTemporaryFile("w", suffix=".jwk")
        k = base64.urlsafe_b64encode(secret.encode()).rstrip(b"=").decode()
        json.dump({"kty": "oct", "alg": "HS256", "k": k}, file)
        file.flush()
        return file

    @classmethod
    def sign(cls, claims, secret):
        with cls.key(secret) as key:
            done = run("jose", "jws", "sig", "-I-", "-k", key.name, "-c", "-o-",
                       input=json.dumps(claims))
        assert done.returncode == 0, done
        return done.stdout.strip()

    @classmethod
    def verify(cls, token, secret):
        with cls.key(secret) as key:
            done = run("jose", "jws", "ver", "-i-", "-k", key.name, "-O-", input=token)
        return json.loads(done.stdout) if done.returncode == 0 else None


def exchange(name, peer, claims):
    assert ours_verify(peer.sign(claims, SECRET)) == (0, claims), f"we refuse {name}'s token"
    assert peer.verify(ours_sign(claims), SECRET) == claims, f"{name} refuses our token"
    assert ours_verify(peer.sign(claims, OTHER)) == (1, "jwt.signature")
    assert peer.verify(ours_sign(claims), OTHER) is None


for peer in (PyJwt, Jose):
    for claims in CLAIMS:
        exchange(peer.__name__, peer, claims)
assert ours_verify(jwt.encode({"exp": NOW}, SECRET, algorithm="HS256")) == (1, "jwt.expired")
assert ours_verify(jwt.encode({"exp": NOW + 9}, None, algorithm="none")) == (1, "jwt.alg")
assert ours_verify(jwt.encode({"exp": NOW + 9}, SECRET, algorithm="HS512")) == (1, "jwt.alg")
assert ours_verify(jwt.encode({"exp": NOW + 9}, SECRET, algorithm="HS256",
                              headers={"kid": "k1"})) == (1, "jwt.kid")

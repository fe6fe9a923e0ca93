"""Tokens exchanged with other implementations, both ways: PyJWT, Rhonabwy (the command `rnbyc`),
both of which know every algorithm, and José (the command `jose`), which does not know EdDSA."""

import base64
import json
import subprocess
import sys
import tempfile

import jwt

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


# ---- Every algorithm ----

ALGORITHMS = ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
              "ES256", "ES384", "ES512", "EdDSA"]
PRIVATE = {"d", "p", "q", "dp", "dq", "qi"}


def public(jwk):
    return {name: value for name, value in jwk.items() if name not in PRIVATE}


def tool(*arguments):
    done = run(TOOL, *arguments)
    return done.stdout.strip() if done.returncode == 0 else None


def python_key(jwk):
    return jwt.algorithms.get_default_algorithms()[jwk["alg"]].from_jwk(json.dumps(jwk))


def python_sign(jwk, claims):
    return jwt.encode(claims, python_key(jwk), algorithm=jwk["alg"],
                      headers={"kid": jwk["kid"]} if "kid" in jwk else None)


def python_verify(jwk, token):
    try:
        return jwt.decode(token, python_key(jwk), algorithms=[jwk["alg"]],
                          options={"verify_exp": False, "verify_iat": False})
    except jwt.InvalidTokenError:
        return None


def jose_sign(jwk, claims):
    with tempfile.NamedTemporaryFile("w", suffix=".jwk") as file:
        json.dump(jwk, file)
        file.flush()
        template = json.dumps({"protected": {"alg": jwk["alg"],
                                             **({"kid": jwk["kid"]} if "kid" in jwk else {})}})
        done = run("jose", "jws", "sig", "-I-", "-s", template, "-k", file.name, "-c", "-o-",
                   input=json.dumps(claims))
    assert done.returncode == 0, done
    return done.stdout.strip()


def jose_verify(jwk, token):
    with tempfile.NamedTemporaryFile("w", suffix=".jwk") as file:
        json.dump(jwk, file)
        file.flush()
        done = run("jose", "jws", "ver", "-i-", "-k", file.name, "-O-", input=token)
    return json.loads(done.stdout) if done.returncode == 0 else None


def rhonabwy_sign(jwk, claims):
    done = run("rnbyc", "-s", json.dumps(claims), "-a", jwk["alg"], "-K", json.dumps({"keys": [jwk]}))
    assert done.returncode == 0, done
    return done.stdout.strip()


def rhonabwy_verify(jwk, token):
    done = run("rnbyc", "-t", token, "-P", json.dumps({"keys": [jwk]}))
    verified = "Token signature verified\n"
    return json.loads(done.stdout.removeprefix(verified)) \
        if done.returncode == 0 and done.stdout.startswith(verified) else None


def exchange_key(jwk, sign, verify):
    """Tokens of one key, ours to the peer and back; and one bit changed."""
    text, shown = json.dumps(jwk), json.dumps(public(jwk))
    for claims in CLAIMS[:2]:
        token = sign(jwk, claims)
        checked = tool("verify", "@" + shown, token, str(NOW))
        assert checked and json.loads(checked) == claims, (jwk["alg"], sign, checked)
        token = tool("sign", "@" + text, json.dumps(claims))
        assert verify(public(jwk), token) == claims, (jwk["alg"], verify)
        head, body, signature = token.split(".")
        changed = ("B" if signature[9] == "A" else "A")
        bad = f"{head}.{body}.{signature[:9]}{changed}{signature[10:]}"
        assert verify(public(jwk), bad) is None
        assert tool("verify", "@" + shown, bad, str(NOW)) is None


for algorithm in ALGORITHMS:
    ours = json.loads(tool("make", algorithm, "k1"))
    exchange_key(ours, python_sign, python_verify)
    exchange_key(ours, rhonabwy_sign, rhonabwy_verify)
    if algorithm == "EdDSA":  # José 11 does not know it
        continue
    exchange_key(ours, jose_sign, jose_verify)
    theirs = json.loads(run("jose", "jwk", "gen", "-i", json.dumps({"alg": algorithm})).stdout)
    del theirs["key_ops"]  # PyJWT and we read it; for public() it would have to change
    exchange_key(theirs, python_sign, python_verify)
    exchange_key(theirs, jose_sign, jose_verify)

assert ours_verify(jwt.encode({"exp": NOW}, SECRET, algorithm="HS256")) == (1, "jwt.expired")
assert ours_verify(jwt.encode({"exp": NOW + 9}, None, algorithm="none")) == (1, "jwt.alg")
assert ours_verify(jwt.encode({"exp": NOW + 9}, SECRET, algorithm="HS512")) == (1, "jwt.alg")
assert ours_verify(jwt.encode({"exp": NOW + 9}, SECRET, algorithm="HS256",
                              headers={"kid": "k1"})) == (1, "jwt.kid")

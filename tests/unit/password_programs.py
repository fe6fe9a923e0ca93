#!/usr/bin/python3
"""Hashes of passwords that other programs make are verified, and nothing that was changed in them.

    password_programs.py TOOL HAVE_ARGON2

Debian's werkzeug, Django, PHP, passlib, bcrypt and argon2-cffi make fresh hashes here, and WordPress's own class
where that package is installed (tests/run --full). Three kinds are younger than Debian's versions: scrypt of
werkzeug 3 and of Django 4, and the bcrypt of WordPress 6.8. They are made in their form by hashlib, and by PHP in
the one line that WordPress has for it."""
import base64, hashlib, json, os, random, subprocess, sys, warnings

warnings.simplefilter("ignore")
import bcrypt, crypt, argon2.low_level
import passlib.hash
from django.conf import settings
from django.contrib.auth import hashers as django
import werkzeug.security

settings.configure(PASSWORD_HASHERS=["django.contrib.auth.hashers.%sPasswordHasher" % name for name in (
    "PBKDF2", "PBKDF2SHA1", "Argon2", "BCryptSHA256", "BCrypt")])
TOOL, ARGON2 = sys.argv[1], sys.argv[2] == "argon2"
FULL = os.environ.get("TESTS_FULL") == "1"
PHPASS = "/usr/share/wordpress/wp-includes/class-phpass.php"
chance = random.Random(7)

PASSWORDS = ["correct horse", "", " ", " before and behind ", "\ttab\n", "a", "grüß dich", "пароль", "密码", "😀" * 5,
             "x" * 71, "x" * 72, "x" * 73, "é" * 40, "\"'\\$`", "p" * 511, "$2y$10$abc", "!", "*"]


def verify(pairs):
    """The tool's answer to each pair of a hash and a password."""
    text = "".join("%s %s\n" % (h.encode().hex() or "-", p.encode().hex() or "-") for h, p in pairs)
    done = subprocess.run([TOOL], input=text, text=True, stdout=subprocess.PIPE, check=True)
    answers = done.stdout.splitlines()
    assert len(answers) == len(pairs), (len(answers), len(pairs))
    return answers


# ---- Makers: name -> function of a password; cheap ones, whose form and code is that of dear ones ------------------

def salt(n=16):
    return "".join(chance.choice("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") for _ in range(n))


def django_pbkdf2(name, rounds):
    return lambda p: django.get_hasher(name).encode(p, salt(22), rounds)


def django_bcrypt(name):
    hasher = django.get_hasher(name)
    hasher.rounds = 4
    return lambda p: hasher.encode(p, hasher.salt())


def django_argon2(p):
    hasher = django.get_hasher("argon2")
    hasher.memory_cost, hasher.time_cost = 1024, 1
    return hasher.encode(p, hasher.salt())


def argon2_hash(kind, lanes=1, length=32):
    return lambda p: argon2.low_level.hash_secret(p.encode(), os.urandom(16), 2, 64 * lanes, lanes, length,
                                                  getattr(argon2.low_level.Type, kind)).decode()


def werkzeug_scrypt(p, n=1024, r=8, q=1):
    s = salt()
    made = hashlib.scrypt(p.encode(), salt=s.encode(), n=n, r=r, p=q, maxmem=1 << 28).hex()
    return "scrypt:%d:%d:%d$%s$%s" % (n, r, q, s, made)


def django_scrypt(p, n=1024, r=8, q=5):
    s = salt(22)
    made = hashlib.scrypt(p.encode(), salt=s.encode(), n=n, r=r, p=q, maxmem=1 << 28, dklen=64)
    return "scrypt$%d$%s$%d$%d$%s" % (n, s, r, q, base64.b64encode(made).decode())


def werkzeug_pbkdf2(method):
    return lambda p: werkzeug.security.generate_password_hash(p, method)


def libxcrypt(prefix):
    """By libxcrypt itself: $7$ and the yescrypts are its own."""
    def make(p):
        digits = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        setting = {"$7$": "$7$86..../....", "$y$": "$y$j75$", "$gy$": "$gy$j75$"}[prefix]
        return crypt.crypt(p, setting + "".join(chance.choice(digits) for _ in range(20)) + "..")
    return make


MAKERS = {
    "yescrypt": libxcrypt("$y$"), "gost-yescrypt": libxcrypt("$gy$"), "scrypt of crypt": libxcrypt("$7$"),
    "sha512crypt": lambda p: passlib.hash.sha512_crypt.using(rounds=1000).hash(p),
    "sha512crypt by default": lambda p: crypt.crypt(p, "$6$" + salt()),
    "sha256crypt": lambda p: passlib.hash.sha256_crypt.using(rounds=1001).hash(p),
    "md5crypt": lambda p: passlib.hash.md5_crypt.hash(p),
    "bcrypt": lambda p: bcrypt.hashpw(p.encode(), bcrypt.gensalt(4)).decode(),
    "bcrypt 2a": lambda p: bcrypt.hashpw(p.encode(), bcrypt.gensalt(4, b"2a")).decode(),
    "phpass": lambda p: passlib.hash.phpass.using(rounds=7).hash(p),
    "phpass of phpBB": lambda p: passlib.hash.phpass.using(rounds=8, ident="H").hash(p),
    "werkzeug sha256": werkzeug_pbkdf2("pbkdf2:sha256:50"), "werkzeug sha1": werkzeug_pbkdf2("pbkdf2:sha1:70"),
    "werkzeug sha512": werkzeug_pbkdf2("pbkdf2:sha512:60"), "werkzeug scrypt": werkzeug_scrypt,
    "Django sha256": django_pbkdf2("pbkdf2_sha256", 50), "Django sha1": django_pbkdf2("pbkdf2_sha1", 60),
    "Django bcrypt_sha256": django_bcrypt("bcrypt_sha256"), "Django bcrypt": django_bcrypt("bcrypt"),
    "Django scrypt": django_scrypt,
}
ARGON2_MAKERS = {
    "argon2id": argon2_hash("ID"), "argon2i": argon2_hash("I"), "argon2d": argon2_hash("D"),
    "argon2id with lanes": argon2_hash("ID", 4, 16), "Django argon2": django_argon2,
}
MAKERS.update(ARGON2_MAKERS)

PHP = r"""
$out = [];
foreach (json_decode(stream_get_contents(STDIN)) as $p) {
    $made = ["php bcrypt" => password_hash($p, PASSWORD_BCRYPT, ["cost" => 4]),
             "php argon2id" => password_hash($p, PASSWORD_ARGON2ID, ["memory_cost" => 1024, "time_cost" => 1]),
             "php argon2i" => password_hash($p, PASSWORD_ARGON2I, ["memory_cost" => 1024, "time_cost" => 2]),
             "WordPress 6.8" => '$wp' . password_hash(base64_encode(hash_hmac("sha384", trim($p), "wp-sha384", true)),
                                                      PASSWORD_BCRYPT, ["cost" => 4])];
    if ($argv[1] && file_exists($argv[1])) {
        require_once $argv[1];
        $made["WordPress phpass"] = (new PasswordHash(8, true))->HashPassword($p);
    }
    $out[] = $made;
}
echo json_encode($out);
"""


def by_php(passwords):
    """[{name: hash}, ...]"""
    done = subprocess.run(["php", "-d", "display_errors=stderr", "-r", PHP, "--", PHPASS], input=json.dumps(passwords),
                          text=True, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def all_hashes():
    """(name, hash, password): of each maker and each password that it takes."""
    found = []
    for name, make in MAKERS.items():
        for p in PASSWORDS:
            found.append((name, make(p), p))
    for p, made in zip(PASSWORDS, by_php(PASSWORDS)):
        found += [(name, text, p) for name, text in made.items()]
    return found


HASHES = all_hashes()


def one_of_each(password="correct horse"):
    return {name: text for name, text, p in HASHES if p == password}


def is_argon2(text):
    return text.startswith(("$argon2", "argon2$"))


def refused(text, answer):
    return answer == "password.option" if is_argon2(text) and not ARGON2 else False


# ---- Tests ----------------------------------------------------------------------------------------------------------

def test_the_right_password_is_admitted():
    for (name, text, p), answer in zip(HASHES, verify([(text, p) for _, text, p in HASHES])):
        assert text and len(text) > 30, (name, text)
        assert answer == "fits" or refused(text, answer), (name, text, p, answer)
    names = {name for name, _, _ in HASHES}
    assert len(names) >= 29, names
    print("%d hashes of %d makers" % (len(HASHES), len(names)))


def test_no_other_password_is():
    pairs = [(name, text, other) for name, text, p in HASHES
             for other in ("x" + p, p[:-1] if p else "y", p.replace("e", "é") + "z")
             if len(other.encode()) <= 511 and (other.strip() != p.strip() or not text.startswith("$wp"))]
    for (name, text, other), answer in zip(pairs, verify([(t, o) for _, t, o in pairs])):
        cut = "bcrypt" in name and "sha256" not in name  # the first 72 bytes count, as in PHP
        same = cut and any(p.encode()[:72] == other.encode()[:72] for n, t, p in HASHES if t == text)
        assert answer == ("fits" if same else "differs") or refused(text, answer), (name, text, other, answer)


def neighbour(c):
    """Another character, which makes no number larger but by its order of magnitude."""
    if c.isdigit():
        return "9" if c == "0" else str(int(c) - 1)
    return {"z": "y", "Z": "Y", "$": "x", ":": ";"}.get(c, chr(ord(c) ^ 1) if not c.isalpha() else chr(ord(c) + 1))


def says_the_same(text, changed):
    """The letter of a bcrypt or phpass prefix, which names versions that agree."""
    kinds = ("$2a$", "$2b$", "$2y$", "$P$", "$H$")
    return any(text.replace(a, b, 1) == changed for a in kinds for b in kinds if a != b and a in text)


def test_a_changed_byte_is_never_admitted():
    pairs = []
    for name, text in one_of_each().items():
        for i, c in enumerate(text):
            changed = [neighbour(c)]
            if FULL:
                changed += [chr(x) for x in range(1, 128) if chr(x) != c and not (c.isdigit() and chr(x).isdigit())]
            pairs += [(name, text[:i] + x + text[i + 1:]) for x in changed]
    for (name, changed), answer in zip(pairs, verify([(t, "correct horse") for _, t in pairs])):
        if not says_the_same(one_of_each()[name], changed):
            refusals = ("differs", "password.unknown", "password.bound", "password.option", *["locked"] * (changed[0] in "!*"))
            assert answer in refusals, (name, changed, answer)
    print("%d changed hashes" % len(pairs))


def test_a_cut_hash_is_never_admitted():
    pairs = [(name, text[:i]) for name, text in one_of_each().items() for i in range(len(text))]
    for (name, cut), answer in zip(pairs, verify([(t, "correct horse") for _, t in pairs])):
        # Argon2 knows digests of several lengths, and each length gives others.
        expected = {"locked"} if not cut else {"password.unknown", "differs"} if is_argon2(cut) and ARGON2 else \
            {"password.unknown", "password.option"} if is_argon2(cut) else {"password.unknown"}
        assert answer in expected, (name, cut, answer)


def test_nor_one_with_something_around_it():
    more = ["x", " ", "\n", "\r\n", "=", "==", "$", "$x", ".", "0", "\t", "A" * 300]
    pairs = [(name, text + x) for name, text in one_of_each().items() for x in more]
    pairs += [(name, x + text) for name, text in one_of_each().items() for x in ("x", " ", "\n", "$", "{CRYPT}")]
    for (name, text), answer in zip(pairs, verify([(t, "correct horse") for _, t in pairs])):
        assert answer in ("password.unknown", "differs", "password.option"), (name, text, answer)
        assert answer != "differs" or is_argon2(text), (name, text)


def test_what_no_program_writes_is_refused():
    p = "correct horse"
    s = werkzeug_scrypt(p)
    w = werkzeug.security.generate_password_hash(p, "pbkdf2:sha256:50")
    d = django.get_hasher("pbkdf2_sha256").encode(p, "abcdefgh", 50)
    method, plain, digest = w.split("$")
    odd = [w.replace(":50$", ":%s$" % n) for n in ("", "0", "050", "+50", " 50", "50 ", "5e1", "-1", "0x32", "9" * 30)]
    odd += [d.replace("$50$", "$%s$" % n) for n in ("", "0", "050", "+50", " 50", "-1")]
    odd += [w.replace(":50$", "$"), w.replace("sha256", "md5"), w.replace("sha256", "sha3_256"), method + "$$" + digest,
            "$".join([method, plain, digest.upper()]), "$".join([method, "a$b", digest]), "$".join([method, plain, ""]),
            d.rstrip("="), d.replace("=", "=="), d.replace("$abcdefgh$", "$$"), d.replace("$abcdefgh$", "$abc$defgh$"),
            d.replace("pbkdf2_sha256", "pbkdf2_sha512"), d.replace("pbkdf2_sha256", "PBKDF2_SHA256"),
            s.replace(":8:1$", "$"), s.replace("scrypt:1024:8:1", "scrypt"), s.replace(":1024:", ":1023:"),
            s.replace(":1024:", ":1:"), s.replace(":1024:", ":0:"), s.replace(":8:", ":0:"), s.replace(":1$", ":0$")]
    # Fast digests, plain text, DES, bsdi, NT, SunMD5, what Django and werkzeug made long ago.
    odd += ["sha1$abc$" + hashlib.sha1(b"abc" + p.encode()).hexdigest(), hashlib.md5(p.encode()).hexdigest(),
            "md5$abc$" + hashlib.md5(b"abc" + p.encode()).hexdigest(), "md5$$" + hashlib.md5(p.encode()).hexdigest(),
            "sha256$abc$" + hashlib.sha256(b"abc" + p.encode()).hexdigest(), "plain$$" + p, p, crypt.crypt(p, "ab"),
            "crypt$$" + crypt.crypt(p, "ab"), "unsalted_md5$$" + hashlib.md5(p.encode()).hexdigest(),
            passlib.hash.bsdi_crypt.hash(p), passlib.hash.bsd_nthash.hash(p), passlib.hash.sun_md5_crypt.hash(p),
            passlib.hash.sha1_crypt.hash(p), "$", "$$", "$y$", "$2y$", "$argon2id$", "scrypt:", "pbkdf2:sha256:", "$wp",
            "argon2$", "bcrypt$", "$wp" + MAKERS["bcrypt"](p), "$wp" + MAKERS["phpass"](p),
            "argon2" + MAKERS["bcrypt"](p), "bcrypt$" + MAKERS["argon2id"](p), "bcrypt" + MAKERS["bcrypt"](p)]
    answers = verify([(text, p) for text in odd])
    for text, answer in zip(odd, answers):
        assert answer == "password.unknown", (text, answer)


def test_an_account_that_is_locked_has_no_hash():
    texts = ["", "!", "*", "!!", "*0", "*1", "!" + salt(40)]
    texts += ["!" + text for text in one_of_each().values()]
    assert set(verify([(text, "correct horse") for text in texts])) == {"locked"}


def test_what_exceeds_a_bound_is_refused_before_any_work():
    one = one_of_each()
    def changed(name, a, b):
        assert a in one[name], (a, one[name])
        return one[name].replace(a, b, 1)
    beyond = [changed("bcrypt", "$04$", "$15$"), changed("bcrypt", "$04$", "$31$"), changed("php bcrypt", "$04$", "$15$"),
              changed("WordPress 6.8", "$04$", "$15$"), changed("Django bcrypt_sha256", "$04$", "$15$"),
              changed("Django bcrypt", "$04$", "$15$"),
              changed("sha512crypt", "rounds=1000$", "rounds=1000001$"), changed("sha256crypt", "rounds=1001$", "rounds=999999999$"),
              changed("yescrypt", "$j75$", "$jDT$"), changed("gost-yescrypt", "$j75$", "$jjT$"),
              changed("scrypt of crypt", "$7$86....", "$7$H6...."), changed("scrypt of crypt", "/....", "F...."),
              changed("phpass", "$P$5", "$P$J"), changed("phpass of phpBB", "$H$6", "$H$S"),
              changed("werkzeug sha256", ":50$", ":3000001$"), changed("werkzeug sha512", ":60$", ":18446744073709551615$"),
              changed("Django sha256", "$50$", "$3000001$"), changed("Django sha1", "$60$", "$4294967346$"),
              changed("werkzeug scrypt", ":1024:8:1$", ":262144:8:1$"), changed("werkzeug scrypt", ":8:1$", ":33:1$"),
              changed("werkzeug scrypt", ":8:1$", ":8:17$"), changed("werkzeug scrypt", ":1024:8:", ":9223372036854775808:8:"),
              changed("Django scrypt", "$1024$", "$262144$"), changed("Django scrypt", "$8$5$", "$8$4294967295$")]
    for name, m in (("argon2id", "m=64"), ("argon2i", "m=64"), ("Django argon2", "m=1024")):
        beyond += [changed(name, m, "m=131073"), changed(name, m, "m=4294967295")]
    beyond += [changed("argon2id", "t=2", "t=17"), changed("argon2id", "p=1", "p=9"), changed("argon2d", "t=2", "t=4294967298")]
    for text, answer in zip(beyond, verify([(text, "correct horse") for text in beyond])):
        assert answer == "password.bound", (text, answer)


def test_what_the_programs_make_by_default_fits_the_bounds():
    """Fresh where it is quick, else in the form of the newest versions: Django 5's 1,000,000 rounds and scrypt,
    werkzeug 3's scrypt, PHP 8.4's bcrypt 12, argon2-cffi's and PHP's Argon2."""
    p = "correct horse"
    made = [werkzeug.security.generate_password_hash(p), werkzeug_scrypt(p, 32768, 8, 1), django_scrypt(p, 16384, 8, 5),
            django.get_hasher("pbkdf2_sha256").encode(p, salt(22), 1000000), bcrypt.hashpw(p.encode(), bcrypt.gensalt()).decode(),
            passlib.hash.sha512_crypt.hash(p), passlib.hash.phpass.hash(p), argon2.PasswordHasher().hash(p)]
    made += json.loads(subprocess.run(["php", "-r", 'echo json_encode([password_hash($argv[1], PASSWORD_DEFAULT), '
                                       'password_hash($argv[1], PASSWORD_ARGON2ID)]);', "--", p], text=True, check=True,
                                      stdout=subprocess.PIPE).stdout)
    for text, answer in zip(made, verify([(text, p) for text in made])):
        assert answer == "fits" or refused(text, answer), (text, answer)
    print("\n".join(text[:24] for text in made))


for name, test in list(globals().items()):
    if name.startswith("test_"):
        test()
        print("%s: good" % name)

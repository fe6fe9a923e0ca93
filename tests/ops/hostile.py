"""Hostile request targets, and what must become of each: judged by hand, not by the program.

A case is (target, status, page): `target` in bytes as it stands in the request line, `status` of the
program's answer, and the text that the body of a 200 must have. Nobody is signed in."""

DOTS = [".", "..", "%2e", "%2E", ".%2e", "%2e.", "%2e%2e", "%2E%2E", ".%2E", "%2E."]
DOT_PLACES = ["/{}", "/{}/api/v1/me", "/api/{}/v1/me", "/api/v1/me/{}", "/api/v1/{}/me", "/api/v1/videos/{}"]
SEPARATORS = ["%2F", "%2f", "%5C", "%5c", "\\"]
CONTROLS = ["%00", "%01", "%08", "%09", "%0a", "%0d", "%0d%0aX-Evil:%20yes", "%1b", "%1f", "%7f"]
BAD_ESCAPES = ["%", "%%", "%g0", "%0", "%2", "%zz", "%u0041", "%-1", "%2 0".replace(" ", "\x80")]
BAD_UTF8 = ["%ff", "%fe", "%80", "%bf", "%c0%ae", "%c0%ae%c0%ae", "%c0%af", "%c1%9c", "%e0%80%ae",
            "%ed%a0%80", "%f0%80%80%ae", "%f8%88%80%80%ae", "%e2%82", "%c3", "%f4%90%80%80", "%C3%28"]
NOT_THERE = [
    "/api/v1/me/", "/api/v1/Me", "/API/v1/me", "/api/v1/ME", "/api/V1/me", "/api/v1", "/api/v1/", "/me",
    "/api", "/api/v1/me/x", "/api/v1/me;x=1", "/api/v1/me%3b", "/api/v1/me%20", "/api/v1/%20me",
    "/api/v1/me.", "/api/v1/me.json", "/api/v1/me%2500", "/api/v1/%252e%252e/me", "/api/v1/me%252f",
    "/api/v1/me%3f", "/api/v1/me%23", "/api/v1/me&x", "/api/v1/me+", "/api/v1/~me", "/api/v1/...",
    "/api/v1/.me", "/api/v1/auth/user/1/secret", "/api/v1/auth/user/x", "/static/api/v1/me",
    "/index.php", "/favicon.ico", "/api/v1/lessons/", "/api/v1/lessons/01", "/api/v1/lessons/+1",
    "/api/v1/lessons/1.0", "/api/v1/lessons/0x1", "/api/v1/lessons/1e3", "/api/v1/lessons/-0",
    "/api/v1/lessons/9223372036854775808", "/api/v1/lessons/-9223372036854775809",
    "/api/v1/lessons/%201", "/api/v1/lessons/1%20", "/api/v1/lessons/%D9%A1", "/api/v1/lessons/1;",
    "/api/v1/m%C3%A9", "/cgi-bin/x", "/.git/config", "/.env", "/gatewright-files/welcome.webm",
    "/gatewright-admits", "/-/status", "/-/metrics",
]
GUARDED = [
    "/api/v1/me", "/api/v1/m%65", "/%61pi/v1/me", "/api/%76%31/me", "/api/v1/%6d%65", "/%61%70%69/v1/me",
    "/api/v1/me?", "/api/v1/me?x=%zz", "/api/v1/me?auth=x", "/api/v1/me?auth=x&auth=y",
    "/api/v1/me?token+users+1", "/api/v1/me?/../", "/api/v1/me??", "/api/v1/lessons/1",
    "/api/v1/lessons/%31", "/api/v1/lessons/-1", "/api/v1/lessons?limit=%00",
    "/api/v1/lessons/9223372036854775807", "/api/v1/videos/x", "/api/v1/videos/%C3%A9",
    "/api/v1/videos/...", "/api/v1/videos/.x", "/api/v1/videos/a;b", "/api/v1/videos/a%3Fb",
    "/api/v1/videos/%25", "/api/v1/videos/" + "a" * 3000, "/api/v1/login", "/api/v1/videos/a:b@c",
    "/api/v1/videos/%E2%98%83",
]
OPEN = ["/", "/?", "/?token+users+1", "/?--check", "/?--config+/etc/passwd", "/?--help", "/?x=%zz",
        "/?auth=x", "/?a=1&a=2", "/?" + "x" * 3000]


def cases():
    found = {}

    def add(target, status, page=None):
        found.setdefault(target.encode("latin-1") if isinstance(target, str) else target, (status, page))

    for dots in DOTS:
        for place in DOT_PLACES:
            add(place.format(dots), 400)
    for empty in ("//", "///", "//api/v1/me", "/api//v1/me", "/api/v1//me", "/api/v1/me//", "/api/v1/videos//x",
                  "/api/v1///me"):
        add(empty, 400)
    for separator in SEPARATORS:
        for place in ("/api{}v1/me", "/api/v1{}me", "/api/v1/me{}", "/api/v1/videos/a{}b", "/{}api/v1/me",
                      "/api/v1/videos/..{}x"):
            add(place.format(separator), 400)
    for control in CONTROLS:
        for place in ("/api/v1/me{}", "/api/v1/{}me", "/api/v1/videos/{}"):
            add(place.format(control), 400)
    for escape in BAD_ESCAPES:
        for place in ("/api/v1/me{}", "/api/v1/{}/me", "/api/v1/videos/a{}"):
            add(place.format(escape), 400)
    for text in BAD_UTF8:
        for place in ("/api/v1/me{}", "/api/v1/videos/{}"):
            add(place.format(text), 400)
    for target in ("/api/v1/me#x", "/api/v1/videos/a#b", "/#", "/api/v1/videos/\xff", "/api/v1/me\x80",
                   "/api/v1/videos/a?auth=a&auth=b", "/api/v1/videos/a?auth=%zz",
                   "http://127.0.0.1/api/v1//me"):
        add(target, 400)
    for target in NOT_THERE:
        add(target, 404)
    for target in GUARDED:
        add(target, 401)
    add("http://127.0.0.1/api/v1/me", 401)
    add("/api/v1/videos/\xc3\xa9", 401)
    for target in OPEN:
        add(target, 200, b"<title>The school")
    return [(target, *rest) for target, rest in found.items()]

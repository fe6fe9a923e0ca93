#!/usr/bin/python3
"""FastCGI has one name for X-User, X_User and X.User. What a handler asks for as X-User must have been sent
under that name. The program is that of tests/paths."""
import os
import re

from web import ROUTES, Site, run_tests

MANUAL = os.path.join(os.path.dirname(ROUTES), "..", "..", "docs", "web-servers.md")
# Token characters beside letters, digits and the hyphen (RFC 9110, 5.6.2).
OTHERS = "_.!#$%&'*+^`|~"


def reaching(server, conf=""):
    """The names by which the header reached a handler."""
    with Site(server) as site:
        site.start_program()
        path = site.write_configuration()
        with open(path, "a") as file:
            file.write(conf.replace("FOLDER", site.folder))
        if conf:
            open(site.folder + "/headers.lua", "w").write(lua_of_the_manual())
        site.start_server(path)
        client, found = site.client(), []
        assert client.request("GET", "/seen", [("X-User", "ann")]).body == b"ann"
        assert client.request("GET", "/seen").body == b"none"
        for c in OTHERS:
            for name in "X%sUser" % c, "x%suser" % c:
                answer = client.request("GET", "/seen", [(name, "eve")])
                assert answer.status in (200, 400), (name, answer.status)
                if answer.body == b"eve":
                    found.append(name)
            # Beside the right one it takes nobody's place.
            answer = client.request("GET", "/seen", [("X-User", "ann"), ("X%sUser" % c, "eve")])
            assert b"eve" not in answer.body or server == "lighttpd" and not conf, (c, answer.body)
        client.close()
        return found


def lua_of_the_manual():
    return re.search(r"```lua\n(.*?)```", open(MANUAL).read(), re.S)[1]


def test_nginx_passes_the_right_name_only():
    assert reaching("nginx") == []


def test_apache_passes_the_right_name_only():
    assert reaching("apache") == []


def test_caddy_passes_the_right_name_only():
    assert reaching("caddy") == []


def test_haproxy_passes_the_right_name_only():
    assert reaching("haproxy") == []


def test_lighttpd_cannot_tell_them_apart_as_the_manual_says():
    assert reaching("lighttpd") != []
    assert "lighttpd passes `X_User` and `X.User` as `X-User`" in open(MANUAL).read().replace("\n", " ")


def test_lighttpd_with_lua_passes_the_right_name_only():
    assert reaching("lighttpd", 'server.modules += ( "mod_magnet" )\n'
                    'magnet.attract-raw-url-to = ( "FOLDER/headers.lua" )\n') == []


run_tests(globals())

#!/usr/bin/python3
"""Answers of other media types than JSON: what a debug build lets out, and what openapi.json says of it.

usage: answers.py PROGRAM GATEWRIGHT"""
import json
import os
import subprocess
import sys
import urllib.parse

import fcgi
from program import Program, run_tests

PROGRAM, GATEWRIGHT = sys.argv[1:3]
del sys.argv[1:3]
HERE = os.path.dirname(os.path.abspath(__file__))
RUNNING = {}
JOT = '{"v": "a"}'


def get(name, site="plain", meta=(), **says):
    """(status, media type, body)"""
    status, head, body = fcgi.request(RUNNING[site].address, "/answers/%s?%s" % (name, urllib.parse.urlencode(says)), meta=meta)
    fields = {line.partition(": ")[0].lower(): line.partition(": ")[2] for line in head.splitlines()}
    return status, fields.get("content-type"), body.decode()


def goes_out(name, **says):
    status, kind, body = get(name, **says)
    assert status == says.get("status", 200) and kind == says.get("type", kind), (name, says, status, kind, body)


def is_a_fault(name, sentence, **says):
    assert get(name, **says)[0] == 500, (name, says)
    with open(RUNNING["plain"].log, encoding="utf-8") as log:
        last = [line for line in log if "but not as `returns`" in line][-1]
    assert sentence in last, last


def test_an_answer_of_a_declared_type_goes_out():
    for name, kind in [("pictures", "image/png"), ("pictures", "image/jpeg"), ("family", "image/gif"), ("family", "image/svg+xml"),
                       ("both", "text/csv"), ("both", "text/plain"), ("pages", "text/html"), ("documents", "application/json"), ("any", "x/y")]:
        goes_out(name, type=kind, text="x")
        goes_out(name, type=kind, text="x", how="stream")


def test_types_are_compared_without_case_and_parameters():
    for kind in ["text/html; charset=utf-8", "Text/HTML;charset=utf-8", "text/html ; charset=\"utf-8\"", "TEXT/html"]:
        goes_out("pages", type=kind)
    goes_out("family", type="IMAGE/png;q=1")


def test_another_type_than_the_declared_ones_is_a_fault():
    for name, kind in [("pictures", "image/gif"), ("pictures", "image/png2"), ("pictures", "image"), ("family", "image/"), ("family", "imagex/png"), ("family", "text/html"),
                       ("pages", "application/xhtml+xml"), ("documents", "application/geo+json"), ("vendor", "application/json"), ("vendor", "text/plain")]:
        is_a_fault(name, "its media type is not declared", type=kind, text=JOT)
    is_a_fault("pages", "its media type is not declared", how="empty")
    is_a_fault("pages", "its status is not declared", type="text/html", status=201)


def test_a_streamed_answer_of_another_type_is_cut_off():
    try:
        get("pages", type="text/plain", text="x", how="stream")
        raise AssertionError("it went out whole")
    except ConnectionError:
        pass


def test_of_json_beside_other_types_the_shape_is_compared():
    goes_out("both", how="json", text=JOT)
    is_a_fault("both", "`/v` is required", how="json", text="{}")
    goes_out("both", how="json", text="[%s]" % JOT, status=201)
    is_a_fault("both", "must be a list", how="json", text=JOT, status=201)
    is_a_fault("both", "it is not JSON", type="text/csv", status=201)
    goes_out("vendor", type="application/vnd.jots+json", text=JOT)
    goes_out("vendor", how="json", type="application/vnd.jots+json", text=JOT)
    is_a_fault("vendor", "its media type is not declared", how="json", text=JOT)
    is_a_fault("vendor", "`/v` is required", type="application/vnd.jots+json", text="{}")


def test_a_fault_may_be_told_by_a_problem_document_in_any_case():
    for name in "pages", "family":
        goes_out(name, how="problem", status=404)
    goes_out("pages", type="text/html", status=404)
    is_a_fault("pages", "its media type is not declared", type="text/plain", status=404)


def test_a_file_is_of_its_type_whoever_sends_it():
    for site in "plain", "accel":
        assert get("pages", site, how="file", type="text/html")[:2] == (200, "text/html")
        assert get("pages", site, how="file", type="text/plain")[0] == 500
    assert get("pages", how="file", type="text/html", meta={"HTTP_RANGE": "bytes=0-3"})[0::2] == (206, "root")
    goes_out("pictures", how="accel")  # the web server chooses
    is_a_fault("pictures", "its media type is not declared", how="accel", type="text/plain")


def test_openapi_says_the_media_types():
    paths = json.loads(subprocess.run([GATEWRIGHT, "openapi", HERE + "/routes.def"], check=True, capture_output=True).stdout)["paths"]
    jots, text = {"schema": {"$ref": "#/components/schemas/jots"}}, {"schema": {"type": "string"}}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for name, status, content in [
            ("pictures", "200", {"image/png": {}, "image/jpeg": {}}), ("family", "200", {"image/*": {}}), ("documents", "200", {"application/json": {}}),
            ("both", "200", {"application/json": jots, "text/csv": text, "text/plain": text}), ("vendor", "200", {"application/vnd.jots+json": jots}),
            ("pages", "200", {"text/html": text}), ("pages", "404", {"text/html": text, **problem}), ("any", "200", {"*/*": {}})]:
        assert paths["/answers/" + name]["get"]["responses"][status]["content"] == content, name


def test_the_page_for_people_names_the_types():
    _, _, page = fcgi.request(RUNNING["plain"].address, "/docs")
    assert b"<code>image/png</code> or <code>image/jpeg</code>" in page


with Program(PROGRAM) as RUNNING["plain"], Program(PROGRAM, settings={"GW_SENDFILE": "x-accel:/files/=/etc"}) as RUNNING["accel"]:
    for running in RUNNING.values():
        running.start_program()
    run_tests(globals())

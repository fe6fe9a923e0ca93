/* test_forms.c: handlers that take the faults of their form. What they are given is compared with
 * what the 422 of a route without `faults` says of the same form. */
#include "fixture.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(forms, .init = begin, .fini = finish);

#define GOOD "name=Bo&email=Bo@School.test&house=red&langs=en&langs=fr&pin=1234"

/* What the handler got; the status is 422 if there was a fault. To be released. */
static json_t *echoed(const char *body, int status)
{
    cr_assert_eq(send("POST", "/enrol/echo", "form", body, NULL), status, "%s: %d %s", body,
                 reply.status, reply.body);
    json_t *got = json_loads(reply.body, 0, NULL);
    cr_assert_not_null(got, "%s", reply.body);
    return got;
}

static void expect_field(const json_t *got, const char *name, const char *text, const char *fault,
                         bool sent)
{
    const json_t *field = json_object_get(got, name);
    const char *said = json_string_value(json_array_get(field, 1));
    cr_expect_str_eq(json_string_value(json_array_get(field, 0)), text, "%s", name);
    cr_expect(fault ? said && !strcmp(said, fault) : !said, "%s: %s", name, said ? said : "none");
    cr_expect_eq(json_is_true(json_array_get(field, 2)), sent, "%s", name);
}

Test(forms, without_a_fault_come_with_the_body_and_their_texts)
{
    json_t *got = echoed(GOOD "&news=on&ids=1,2&a/b~c=", 200);
    cr_expect_str_eq(json_string_value(json_object_get(got, "body")), "bo@school.test");
    expect_field(got, "name", "Bo", NULL, true);
    expect_field(got, "email", "Bo@School.test", NULL, true);
    expect_field(got, "age", "", NULL, false);
    expect_field(got, "ids", "1,2", NULL, true);
    expect_field(got, "news", "on", NULL, true);
    expect_field(got, "a/b~c", "", NULL, true);
    expect_field(got, "pin", "", NULL, true);
    cr_expect_eq(json_array_size(json_object_get(got, "errors")), 0);
    json_decref(got);
}

Test(forms, with_faults_come_without_the_body_and_say_where)
{
    json_t *got = echoed("name=&email=x%3C%22%27%26%3E&age=5&house=green&ids=1,x,3&news=maybe&"
                         "a%2Fb%7Ec=0123456789012345678901234567890123456789+&pin=12",
                         422);
    cr_expect(json_is_null(json_object_get(got, "body")));
    expect_field(got, "name", "", "must be 1 to 20 characters", true);
    expect_field(got, "email", "x<\"'&>", "must be an e-mail address", true);
    expect_field(got, "age", "5", "must be 6 to 99", true);
    expect_field(got, "house", "green", "must be one of \"red\", \"blue\"", true);
    expect_field(got, "ids", "1,x,3", "must be a whole number", true);
    expect_field(got, "news", "maybe", "must be true or false", true);
    expect_field(got, "a/b~c", "0123456789012345678901234567890123456789 ",
                 "must be at most 40 characters", true);
    expect_field(got, "pin", "", "must be 4 to 8 characters", true);
    json_decref(got);
}

Test(forms, say_which_item_of_a_list_is_wrong_or_that_the_list_is)
{
    json_t *got = echoed("langs=en&langs=x&langs=german", 422);
    const json_t *list = json_object_get(got, "langs"), *items = json_object_get(list, "items");
    cr_assert_eq(json_array_size(items), 3);
    cr_expect(json_is_null(json_array_get(json_array_get(items, 0), 1)));
    for (size_t i = 1; i < 3; i++)
        cr_expect_str_eq(json_string_value(json_array_get(json_array_get(items, i), 1)),
                         "must be 2 to 3 characters");
    cr_expect_str_eq(json_string_value(json_array_get(json_array_get(items, 2), 0)), "german");
    cr_expect(json_is_null(json_object_get(list, "fault")));
    json_decref(got);
    got = echoed("langs=a&langs=b&langs=c&langs=d", 422);
    list = json_object_get(got, "langs");
    cr_expect_eq(json_array_size(json_object_get(list, "items")), 4);
    cr_expect_str_eq(json_string_value(json_object_get(list, "fault")), "must hold 1 to 3 items");
    json_decref(got);
}

Test(forms, that_are_empty_say_of_each_field_whether_it_is_required)
{
    json_t *got = echoed("", 422);
    expect_field(got, "name", "", "is required", false);
    expect_field(got, "age", "", NULL, false);
    expect_field(got, "ids", "", NULL, false);
    expect_field(got, "news", "", NULL, false);
    expect_field(got, "pin", "", "is required", false);
    json_decref(got);
}

Test(forms, show_the_first_of_a_field_that_is_there_twice)
{
    json_t *got = echoed(GOOD "&name=Cy", 422);
    expect_field(got, "name", "Bo", "must be there only once", true);
    json_decref(got);
}

static const char *const forms[] = {
    GOOD,
    "",
    "name=&email=x&age=5&house=green&langs=x&langs=en&ids=1,x,0&news=maybe&pin=12",
    GOOD "&name=Cy",
    GOOD "&more=1&less=2&a/b~c/d=1&na=1&langs/1=x",
    GOOD "&pins=1&pins=2345&pins=6",
    "langs=a&langs=b&langs=c&langs=d&ids=1,2,3,4&ids=5",
    GOOD "&a/b~c=01234567890123456789012345678901234567890",
    GOOD "&a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1&k=1&l=1&m=1&n=1&o=1&p=1&q=1&r=1&s=1&t=1&u=1&v=1"
         "&w=1&x=1&y=1&z=1&aa=1&bb=1&cc=1&dd=1&ee=1&ff=1&gg=1&hh=1&ii=1",
};

/* The pointer's first token, unescaped. */
static void first_name(const char *pointer, char name[64])
{
    size_t n = 0;
    for (const char *p = pointer + (*pointer == '/'); *p && *p != '/'; p++)
        name[n++] = (char)(*p != '~' ? *p : *++p == '0' ? '~' : '/');
    name[n] = 0;
}

/* A field has a fault exactly if the 422 has one for its member. */
static void compare_fields(const char *body, const json_t *got, const json_t *errors)
{
    static const char *const fields[] = {"name", "email", "age",   "house",
                                         "ids",  "news",  "a/b~c", "pin"};
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        const char *wanted = NULL;
        for (size_t k = json_array_size(errors); k-- > 0;) {
            char name[64];
            const json_t *error = json_array_get(errors, k);
            first_name(json_string_value(json_object_get(error, "pointer")), name);
            if (!strcmp(name, fields[i]))
                wanted = json_string_value(json_object_get(error, "detail"));
        }
        const char *said = json_string_value(json_array_get(json_object_get(got, fields[i]), 1));
        cr_expect(wanted ? said && !strcmp(said, wanted) : !said, "%s: %s: %s, not %s", body,
                  fields[i], said ? said : "none", wanted ? wanted : "none");
    }
}

Test(forms, have_the_faults_that_another_routes_422_says)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        int status = send("POST", "/enrol/answers", "form", forms[i], NULL);
        json_t *answer = status == 422 ? json_loads(reply.body, 0, NULL) : json_object();
        json_t *got = echoed(forms[i], status == 422 ? 422 : 200);
        json_t *none = json_array(), *errors = json_object_get(answer, "errors");
        cr_assert(status == 422 || i == 0, "%s: %d", forms[i], status);
        cr_expect(json_equal(errors ? errors : none, json_object_get(got, "errors")), "%s",
                  forms[i]);
        compare_fields(forms[i], got, errors);
        json_decref(none);
        json_decref(answer);
        json_decref(got);
    }
}

Test(forms, never_give_back_what_was_typed_into_a_secret)
{
    static const char *const routes[] = {"/enrol/echo", "/enrol", "/enrol/counted"};
    static const char *const more[] = {"", "&more=1", "&name=Cy", "&pin=zz33333",
                                       "&pins=zz4&pins=zz55&pins=zz6"};
    for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++) {
        for (size_t k = 0; k < sizeof(more) / sizeof(*more); k++) {
            char body[256];
            snprintf(body, sizeof(body), "name=&pin=zz11111&pins=zz22%s", more[k]);
            cr_expect_eq(send("POST", routes[i], "form", body, NULL), 422);
            cr_expect_null(strstr(reply.body, "zz"), "%s", reply.body);
        }
    }
}

Test(forms, that_cannot_be_read_are_answered_by_the_runtime)
{
    static char many[2048] = "a=1";
    cr_expect_eq(send("POST", "/enrol/echo", "form", "name=%zz", NULL), 400);
    cr_expect_not_null(strstr(reply.headers, "application/problem+json"));
    cr_expect_str_eq(last_reason(), "input.syntax");
    cr_expect_eq(send("POST", "/enrol/echo", "form", "name=%00", NULL), 400);
    cr_expect_eq(send("POST", "/enrol/echo", "form", "name=%ff", NULL), 400);
    for (int i = 0; i < 256; i++)
        strcat(many, "&a=1");
    cr_expect_eq(send("POST", "/enrol/echo", "form", many, NULL), 400);
    cr_expect_eq(send("POST", "/enrol/echo", "json", "{}", NULL), 415);
    cr_expect_eq(send("POST", "/enrol/echo", "text/plain", "name=x", NULL), 415);
    cr_expect_eq(send("POST", "/enrol/echo", "multipart/form-data", "--x--", NULL), 415);
    cr_expect_eq(send("POST", "/enrol/echo", "multipart/form-data; boundary=x", "--x-", NULL), 400);
    cr_expect_str_eq(last_reason(), "input.syntax");
    cr_expect_eq(send("POST", "/enrol/echo", "form", GOOD, "Content-Encoding: gzip", NULL), 415);
    static char large[5000];
    memset(large, 'a', sizeof(large) - 1);
    cr_expect_eq(send("POST", "/enrol/echo", "form", large, NULL), 413);
}

Test(forms, leave_the_faults_of_a_query_to_the_runtime)
{
    cr_expect_eq(send("POST", "/enrol/echo?page=3", "form", GOOD, NULL), 200);
    cr_expect_not_null(strstr(reply.body, "\"page\":3"));
    cr_expect_eq(send("POST", "/enrol/echo?page=77", "form", GOOD, NULL), 422);
    cr_expect_not_null(strstr(reply.headers, "application/problem+json"));
    cr_expect_eq(send("POST", "/enrol/echo?page=77", "form", "name=", NULL), 422);
    cr_expect_not_null(strstr(reply.headers, "application/problem+json"));
    cr_expect_not_null(strstr(reply.body, "\"/page\""));
    cr_expect_not_null(strstr(reply.body, "\"/name\""), "those of both are told");
    cr_expect_eq(send("POST", "/enrol/echo?page=%zz", "form", "name=", NULL), 400);
}

Test(forms, are_not_shown_to_whom_the_gate_refuses)
{
    const char *evil = "Origin: https://evil.test", *ours = "Origin: " OURS;
    cr_expect_eq(send("POST", "/enrol/mine", "form", "name=", NULL), 401);
    cr_expect_eq(send("POST", "/enrol/mine", "form", "name=", bearer("junk"), NULL), 401);
    cr_expect_eq(send("POST", "/enrol/mine", "form", "name=", cookie(ann), evil, NULL), 403);
    cr_expect_null(strstr(reply.body, "must be"));
    cr_expect_eq(send("POST", "/enrol/mine", "form", "name=", cookie(ann), ours, NULL), 422);
    cr_expect_not_null(strstr(reply.headers, "text/html"));
    cr_expect_eq(send("POST", "/enrol", "form", "name=", cookie(ann), evil, NULL), 403);
}

Test(forms, with_faults_are_not_counted_by_their_member)
{
    for (int i = 0; i < 4; i++)
        cr_expect_eq(send("POST", "/enrol/counted", "form", "email=x@y.test", NULL), 422);
    cr_expect_str_eq(last_reason(), "input.invalid");
    cr_expect_eq(send("POST", "/enrol/counted", "form", GOOD, NULL), 200);
    cr_expect_eq(send("POST", "/enrol/counted", "form", GOOD, NULL), 200);
    cr_expect_eq(send("POST", "/enrol/counted", "form", GOOD, NULL), 429, "a good one is");
    cr_expect_eq(send("POST", "/enrol/counted", "form", "name=", NULL), 422);
    cr_expect_eq(send("POST", "/enrol/counted", "form", "name=", NULL), 422);
    cr_expect_eq(send("POST", "/enrol/counted", "form", "name=", NULL), 429,
                 "by the address all are");
}

Test(forms, are_shown_again_with_what_the_handler_found)
{
    cr_expect_eq(send("POST", "/enrol", "form",
                      "name=Bo&email=ann@school.test&house=red&langs=en&pin=1234", NULL),
                 409);
    cr_expect_not_null(strstr(reply.body, "is enrolled &lt;already&gt;"));
    cr_expect_not_null(strstr(reply.body, "value=\"ann@school.test\""));
}

#define PART(name, text)                                                                           \
    "--x\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" text "\r\n"

Test(forms, in_parts_are_shown_as_those_in_pairs_are)
{
    static const char pairs[] = "name=&langs=x&langs=en&pin=12&a/b~c=%3Ci%3E&email=b%40c.de";
    static const char parts[] = PART("name", "") PART("langs", "x") PART("langs", "en")
        PART("pin", "12") PART("a/b~c", "<i>") PART("email", "b@c.de") "--x--\r\n";
    json_t *in_pairs = echoed(pairs, 422);
    cr_assert_eq(send("POST", "/enrol/echo", "multipart/form-data; boundary=x", parts, NULL), 422);
    json_t *in_parts = json_loads(reply.body, 0, NULL);
    cr_assert(json_equal(in_pairs, in_parts), "%s", reply.body);
    json_decref(in_pairs);
    json_decref(in_parts);
}

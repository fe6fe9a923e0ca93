/* test_limits.c: so many requests in a time. Clients are told apart by what a proxy of ours says of
 * them, since all of these come from 127.0.0.1. */
#include "fixture.h"

#include "base/address.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

TestSuite(limits, .init = begin, .fini = finish);

/* How many of `n` requests of a client were served, and that the others were 429. */
static int served(const char *target, const char *client, const char *credentials, int n)
{
    int good = 0;
    char line[128];
    snprintf(line, sizeof(line), "X-Forwarded-For: %s", client);
    for (int i = 0; i < n; i++) {
        int status = ask("GET", target, line, credentials, NULL);
        cr_expect(status == 200 || status == 429, "%d", status);
        good += status == 200;
    }
    return good;
}

Test(limits, so_many_are_served_and_not_one_more)
{
    for (int i = 1; i <= 5; i++)
        cr_expect_eq(ask("GET", "/limited/address", NULL), 200, "%d", i);
    cr_assert_eq(ask("GET", "/limited/address", NULL), 429);
    cr_expect_str_eq(last_reason(), "limit.address");
    cr_expect(has("RateLimit-Policy: \"address\";q=5;w=3600"));
    const char *after = strstr(reply.headers, "Retry-After: ");
    cr_assert_not_null(after);
    long seconds = atol(after + strlen("Retry-After: "));
    cr_expect(seconds >= 1 && seconds <= 3600, "%ld", seconds);
    char left[64];
    snprintf(left, sizeof(left), "RateLimit: \"address\";r=0;t=%ld", seconds);
    cr_expect(has(left), "%s", reply.headers);
    /* Another method of the route counts with it, another route does not. */
    cr_expect_eq(ask("HEAD", "/limited/address", NULL), 429);
    cr_expect_eq(ask("GET", "/limited/guest", NULL), 200);
}

Test(limits, when_the_time_is_over_they_are_served_again)
{
    int good = 0;
    for (int i = 0; i < 20; i++)
        good += ask("GET", "/limited/short", NULL) == 200;
    cr_expect(good >= 3 && good <= 6, "%d", good); /* a second may have begun meanwhile */
    cr_assert_eq(ask("GET", "/limited/short", NULL), 429);
    cr_expect(has("Retry-After: 1"));
    nanosleep(&(struct timespec){1, 50000000}, NULL);
    cr_expect_eq(ask("GET", "/limited/short", NULL), 200);
}

Test(limits, each_address_has_its_own)
{
    cr_expect_eq(served("/limited/address", "192.0.2.1", NULL, 9), 5);
    cr_expect_eq(served("/limited/address", "192.0.2.2", NULL, 9), 5);
    cr_expect_eq(served("/limited/address", "192.0.2.1", NULL, 3), 0);
}

Test(limits, of_ipv6_the_first_64_bits_are_one_and_the_first_48_ten)
{
    char client[64];
    int good = 0;
    for (int i = 0; i < 9; i++) {
        snprintf(client, sizeof(client), "2001:db8:1:1::%x", i + 1);
        good += served("/limited/address", client, NULL, 1);
    }
    cr_expect_eq(good, 5);
    for (int i = 2; i < 30; i++) {
        snprintf(client, sizeof(client), "2001:db8:1:%x::1", i);
        good += served("/limited/address", client, NULL, 5);
    }
    /* 4 of the first nine were refused by the /64 and counted in the /48 or not at all. */
    cr_expect(good >= 46 && good <= 50, "%d", good);
    cr_expect_eq(served("/limited/address", "2001:db8:2:1::1", NULL, 9), 5);
}

Test(limits, an_ipv4_address_is_the_same_in_both_spellings)
{
    cr_expect_eq(served("/limited/address", "192.0.2.9", NULL, 3), 3);
    cr_expect_eq(served("/limited/address", "::ffff:192.0.2.9", NULL, 9), 2);
}

Test(limits, a_caller_counts_wherever_from)
{
    char client[32];
    int good = 0;
    for (int i = 0; i < 9; i++) {
        snprintf(client, sizeof(client), "192.0.2.%d", i);
        good += served("/limited/caller", client, i % 2 ? bearer(ann) : cookie(ann), 1);
    }
    cr_expect_eq(good, 5);
    cr_expect_str_eq(last_reason(), "limit.caller");
    cr_expect_eq(served("/limited/caller", "192.0.2.1", bearer(token_of(2, 600)), 9), 5);
}

Test(limits, a_bad_token_does_not_count_for_anybody)
{
    for (int i = 0; i < 20; i++)
        cr_expect_eq(ask("GET", "/limited/caller", bearer("junk"), NULL), 401);
    cr_expect_eq(served("/limited/caller", "192.0.2.1", bearer(ann), 9), 5);
}

Test(limits, guests_are_known_by_their_address)
{
    cr_expect_eq(served("/limited/guest", "192.0.2.1", NULL, 9), 5);
    cr_expect_eq(served("/limited/guest", "192.0.2.2", NULL, 9), 5);
    cr_expect_eq(served("/limited/guest", "192.0.2.1", bearer(ann), 9), 5);
}

Test(limits, each_of_several_holds)
{
    cr_expect_eq(served("/limited/both", "192.0.2.1", bearer(ann), 9), 3);
    cr_expect_eq(
        ask("GET", "/limited/both", "X-Forwarded-For: 192.0.2.1", bearer(token_of(2, 600)), NULL),
        429); /* nine have come from there */
    cr_expect_eq(served("/limited/both", "192.0.2.3", bearer(token_of(2, 600)), 9), 3);
}

static int letter(const char *client, const char *to, const char *text)
{
    char line[128], body[256];
    snprintf(line, sizeof(line), "X-Forwarded-For: %s", client);
    snprintf(body, sizeof(body), "{\"to\":\"%s\",\"text\":\"%s\",\"n\":1}", to, text);
    return send("POST", "/limited/body", "json", body, line, NULL);
}

Test(limits, a_member_counts_with_the_address_and_alone_at_ten_times)
{
    int good = 0;
    for (int i = 0; i < 9; i++)
        good += letter("192.0.2.1", i % 2 ? "Eve@School.Test" : "eve@school.test", "x") == 200;
    cr_expect_eq(good, 5);
    cr_expect_str_eq(last_reason(), "limit.body");
    cr_expect_eq(letter("192.0.2.1", "other@school.test", "x"), 200);
    for (int i = 2; i < 30; i++) {
        char client[32];
        snprintf(client, sizeof(client), "192.0.2.%d", i);
        for (int j = 0; j < 5; j++)
            good += letter(client, "eve@school.test", "x") == 200;
    }
    cr_expect(good >= 46 && good <= 50, "%d", good);
}

Test(limits, a_body_that_is_no_good_is_told_before)
{
    for (int i = 0; i < 20; i++)
        cr_expect_eq(letter("192.0.2.1", "no address", "x"), 422);
    for (int i = 0; i < 5; i++)
        cr_expect_eq(letter("192.0.2.1", "eve@school.test", "x"), 200);
    cr_expect_eq(letter("192.0.2.1", "eve@school.test", "x"), 429);
    cr_expect_eq(letter("192.0.2.1", "no address", "x"), 422);
}

Test(limits, a_number_counts_too)
{
    int good = 0;
    for (int i = 0; i < 9; i++)
        good += send("POST", "/limited/number", "json",
                     "{\"to\":\"a@b.test\",\"text\":\"\",\"n\":-7}", NULL) == 200;
    cr_expect_eq(good, 2);
    cr_expect_eq(send("POST", "/limited/number", "json",
                      "{\"to\":\"a@b.test\",\"text\":\"\",\"n\":7}", NULL),
                 200);
}

/* The order: by address before a forged request, by caller behind the token. */
Test(limits, what_is_counted_when)
{
    for (int i = 0; i < 2; i++)
        cr_expect_eq(ask("POST", "/limited/page", cookie(ann), "Origin: https://evil.test", NULL),
                     403);
    cr_expect_eq(ask("POST", "/limited/page", cookie(ann), "Origin: https://evil.test", NULL), 429);
    cr_expect_eq(ask("PUT", "/limited/page", NULL), 405);
    cr_expect_eq(ask("OPTIONS", "/limited/page", NULL), 204);
}

/* ---- Whose address ----------------------------------------------------------------------- */

/* By a naive reading of the rule: from the right, the first that is not ours. */
Test(limits, behind_proxies_of_ours_the_last_that_is_none_of_them_counts)
{
    static const struct {
        const char *field, *client;
    } cases[] = {
        {"192.0.2.7", "192.0.2.7"},
        {"203.0.113.5, 192.0.2.7", "192.0.2.7"}, /* what a client claims stands before */
        {"192.0.2.7, 10.1.2.3", "192.0.2.7"},
        {"203.0.113.5,192.0.2.7,10.1.2.3,10.255.0.1", "192.0.2.7"},
        {"192.0.2.7:4711", "192.0.2.7"},
        {" 192.0.2.7\t", "192.0.2.7"},
        {"[2001:db8::7]:443", "2001:db8::7"},
        {"2001:db8::7", "2001:db8::7"},
        {"2001:db8::7, 2001:db8:ff::1", "2001:db8::7"},
        {"::ffff:192.0.2.7", "192.0.2.7"},
        {"192.0.2.7, junk", "127.0.0.1"}, /* nobody knows what stood there */
        {"192.0.2.7, ", "127.0.0.1"},
        {"192.0.2.7, junk, 10.0.0.1", "10.0.0.1"},
        {"", "127.0.0.1"},
        {"unknown", "127.0.0.1"},
        {"192.0.2.07", "127.0.0.1"},
        {"192.0.2", "127.0.0.1"},
        {"10.0.0.1", "10.0.0.1"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char line[128];
        snprintf(line, sizeof(line), "X-Forwarded-For: %s", cases[i].field);
        finish();
        begin();
        cr_expect_eq(ask("GET", "/limited/address", line, NULL), 200);
        cr_expect_str_eq(reply.body, cases[i].client, "%s: %s", cases[i].field, reply.body);
    }
    cr_expect_eq(ask("GET", "/limited/address", "X-Forwarded-For: 203.0.113.5",
                     "X-Forwarded-For: 192.0.2.8, 10.0.0.1", NULL),
                 200);
    cr_expect_str_eq(reply.body, "192.0.2.8");
}

Test(limits, networks_are_read_exactly, .init = NULL, .fini = NULL)
{
    static const char *const good[] = {"0.0.0.0/0", "10.0.0.0/8",    "192.0.2.1", "192.0.2.1/32",
                                       "::/0",      "2001:db8::/32", "fe80::/10", "::1"};
    static const char *const bad[] = {"",
                                      "10.0.0.1/8",
                                      "10.0.0.0/33",
                                      "10.0.0.0/",
                                      "10/8",
                                      "::1/129",
                                      "2001:db8::1/32",
                                      "10.0.0.0/08",
                                      "10.0.0.0/ 8",
                                      "localhost",
                                      "10.0.0.0/8/8",
                                      "::/-1",
                                      "10.0.0.1:80",
                                      "0.0.0.0:1/96", /* which would be all of IPv4 */
                                      "[::1]",
                                      "[::]:80/0",
                                      "fe80::1%eth0"};
    struct gw_network network;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        cr_expect(gw_network_read(gw_str_from(good[i]), &network), "%s", good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_expect_not(gw_network_read(gw_str_from(bad[i]), &network), "%s", bad[i]);
    struct gw_address in, out;
    cr_assert(gw_network_read(GW_STR("172.16.0.0/12"), &network));
    cr_assert(gw_address_read(GW_STR("172.31.255.255"), &in));
    cr_assert(gw_address_read(GW_STR("172.32.0.0"), &out));
    cr_expect(gw_network_has(&network, &in));
    cr_expect_not(gw_network_has(&network, &out));
}

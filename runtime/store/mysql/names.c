/* names.c: what addresses a host's name has, looked up by a thread beside the requests.
 *
 * The C library's look-up knows no deadline. So a request waits for a name that was never looked
 * up, until its deadline and no longer, and else goes by what was last found: the name is looked up
 * anew where that is older than a few seconds or led nowhere. While no name server answers, the
 * program goes on with the addresses that it knows. */
#include "store/mysql/own.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GOOD_NS (10 * UINT64_C(1000000000))

struct mysql_name {
    pthread_mutex_t lock; /* of all below but the text */
    pthread_cond_t found;
    unsigned holders; /* its store, and the thread */
    bool looking;
    pid_t pid; /* whose thread that is */
    struct mysql_addresses addresses;
    uint64_t found_ns; /* 0: never, or in doubt */
    int error;         /* of the last look-up, as getaddrinfo gives it */
    char text[];
};

struct mysql_name *gw_mysql_name_new(const char *text)
{
    pthread_condattr_t attributes;
    struct mysql_name *name = calloc(1, sizeof(*name) + strlen(text) + 1);
    if (!name)
        return NULL;
    strcpy(name->text, text);
    name->holders = 1;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&name->found, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&name->lock, NULL);
    return name;
}

/* With the lock, which it gives back. */
static void give(struct mysql_name *name)
{
    bool last = --name->holders == 0;
    pthread_mutex_unlock(&name->lock);
    if (!last)
        return;
    pthread_cond_destroy(&name->found);
    pthread_mutex_destroy(&name->lock);
    free(name);
}

void gw_mysql_name_free(struct mysql_name *name)
{
    if (!name)
        return;
    pthread_mutex_lock(&name->lock);
    give(name);
}

static void take_addresses(const struct addrinfo *list, struct mysql_addresses *ret)
{
    size_t n = 0;
    memset(ret, 0, sizeof(*ret));
    for (; list && n < GW_MYSQL_ADDRESSES_MAX; list = list->ai_next)
        n += !getnameinfo(list->ai_addr, list->ai_addrlen, ret->text[n], sizeof(ret->text[n]), NULL,
                          0, NI_NUMERICHOST);
}

static void *look(void *data)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct mysql_name *name = data;
    struct addrinfo *list = NULL;
    struct mysql_addresses addresses = {0};
    int error = gw_mysql_look_up(name->text, &hints, &list);
    if (!error) {
        take_addresses(list, &addresses);
        freeaddrinfo(list);
    }
    pthread_mutex_lock(&name->lock);
    name->error = error ? error : *addresses.text[0] ? 0 : EAI_NONAME;
    if (!name->error) {
        name->addresses = addresses;
        name->found_ns = gw_now_ns();
    }
    name->looking = false;
    pthread_cond_broadcast(&name->found);
    give(name);
    return NULL;
}

/* With the lock. A process that was forked has not the thread of its parent. */
static void look_up(struct mysql_name *name)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    if (name->looking && name->pid == getpid())
        return;
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &all,
                    &before); /* signals are for the thread that waits for them */
    name->looking = !pthread_create(&thread, &attributes, look, name);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    name->holders += name->looking;
    name->pid = getpid();
}

/* With the lock: until it is looked up, or the deadline. */
static void wait_until(struct mysql_name *name, uint64_t deadline_ns)
{
    const struct timespec deadline = {(time_t)(deadline_ns / 1000000000),
                                      (long)(deadline_ns % 1000000000)};
    int late = 0;
    while (name->looking && !late)
        late = pthread_cond_timedwait(&name->found, &name->lock, &deadline);
}

static int result_of(const struct mysql_name *name, const char **ret_why)
{
    if (*name->addresses.text[0])
        return 0;
    *ret_why = name->error ? gai_strerror(name->error) : "no name server has answered yet";
    return name->looking ? -ETIMEDOUT : -EHOSTDOWN;
}

int gw_mysql_name_find(struct mysql_name *name, uint64_t deadline_ns, struct mysql_addresses *ret,
                       const char **ret_why)
{
    pthread_mutex_lock(&name->lock);
    if (!name->found_ns || gw_now_ns() - name->found_ns > GOOD_NS)
        look_up(name);
    if (!*name->addresses.text[0])
        wait_until(name, deadline_ns);
    *ret = name->addresses;
    int r = result_of(name, ret_why);
    pthread_mutex_unlock(&name->lock);
    return r;
}

void gw_mysql_name_doubt(struct mysql_name *name)
{
    pthread_mutex_lock(&name->lock);
    name->found_ns = 0;
    pthread_mutex_unlock(&name->lock);
}

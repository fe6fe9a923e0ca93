/* pid.c: see pid.h. The number is kept in a page that a child finds empty, however it was made
 * (madvise(2), MADV_WIPEONFORK). Where there are no such pages the kernel is asked each time. */
#include "base/pid.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#define NO_ADVICE (-1)

static _Atomic(_Atomic(pid_t) *) kept; /* NULL: no such page yet */
static atomic_bool cannot;             /* there are none */

static void forget(void)
{
    _Atomic(pid_t) *page = atomic_load(&kept);
    if (page)
        atomic_store(page, 0);
}

/* Some emulators take any advice and do nothing: they are found out by one that does not exist.
 * Besides, the C library tells of the children that it makes. */
static bool wipe_in_children(void *page, size_t size)
{
    return madvise(page, size, NO_ADVICE) && !madvise(page, size, MADV_WIPEONFORK) &&
           !pthread_atfork(NULL, NULL, forget);
}

/* NULL: there is none. */
static _Atomic(pid_t) *new_page(void)
{
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    _Atomic(pid_t) *first = NULL;
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return NULL;
    if (!wipe_in_children(page, size))
        atomic_store(&cannot, true);
    else if (atomic_compare_exchange_strong(&kept, &first, page))
        return page;
    munmap(page, size); /* or another thread was quicker */
    return first;
}

/* Asks the kernel, and keeps what it says. */
static pid_t ask(_Atomic(pid_t) *page)
{
    pid_t pid = getpid();
    if (!page && !atomic_load(&cannot))
        page = new_page();
    if (page)
        atomic_store(page, pid);
    return pid;
}

pid_t gw_pid(void)
{
    _Atomic(pid_t) *page = atomic_load_explicit(&kept, memory_order_acquire);
    pid_t pid = page ? atomic_load_explicit(page, memory_order_relaxed) : 0;
    return pid ? pid : ask(page);
}

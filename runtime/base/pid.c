/* pid.c: see pid.h. The number is kept in a page that a child finds empty, however it was made
 * (madvise(2), MADV_WIPEONFORK). */
#include "base/pid.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic(_Atomic(pid_t) *) kept; /* NULL: no such page yet */
static atomic_bool cannot;             /* the kernel has no such pages */

/* NULL: there is none. */
static _Atomic(pid_t) *new_page(void)
{
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    _Atomic(pid_t) *first = NULL;
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return NULL;
    if (madvise(page, size, MADV_WIPEONFORK)) {
        munmap(page, size);
        atomic_store(&cannot, true);
        return NULL;
    }
    if (atomic_compare_exchange_strong(&kept, &first, page))
        return page;
    munmap(page, size); /* another thread was quicker */
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

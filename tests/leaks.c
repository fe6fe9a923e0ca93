/* leaks.c: in every program of tests: what Criterion forgets, LeakSanitizer need not report. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:libcriterion";
}

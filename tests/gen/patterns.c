/* patterns.c: says of regular expressions and texts what the compiler and the runtime say of them.
 *
 * A line of input is a letter and hexadecimal digits, and has a line of output:
 *     P: an expression as it stands between quotes: "ok", or "no" and why
 *     T: a text: 1 if it matches the last expression, else 0; both of them must say so
 *     L: no digits but "LOW HIGH": a text of that many characters in hexadecimal, or "none" */
#include "match/regex.h"

#include "generated.h"
#include "input/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct state {
    struct arena arena;
    const struct regex *regex;
    struct gw_pattern pattern;
};

static char *unhex(struct arena *arena, const char *hex)
{
    size_t n = strlen(hex) / 2;
    char *text = arena_alloc(arena, n + 1);
    for (size_t i = 0; i < n; i++)
        text[i] = (char)strtoul((const char[]){hex[2 * i], hex[2 * i + 1], 0}, NULL, 16);
    return text;
}

static uint16_t *narrow(struct arena *arena, const uint32_t *items, size_t n)
{
    uint16_t *copy = arena_alloc(arena, n * sizeof(*copy));
    for (size_t i = 0; i < n; i++)
        copy[i] = (uint16_t)items[i];
    return copy;
}

static void take_expression(struct state *state, const char *hex)
{
    struct regex_error error;
    arena_free(&state->arena);
    const char *text = unhex(&state->arena, hex);
    const struct regex *regex = regex_compile(&state->arena, text, strlen(text), &error);
    state->regex = regex;
    if (!regex) {
        printf("no %s\n", error.message);
        return;
    }
    uint16_t *accepts = arena_alloc(&state->arena, regex->n_states * sizeof(*accepts));
    for (size_t i = 0; i < regex->n_states; i++)
        accepts[i] = regex->accepts[i];
    state->pattern = (struct gw_pattern){
        .text = regex->text,
        .firsts = regex->firsts,
        .classes = narrow(&state->arena, regex->classes, regex->n_intervals),
        .n_intervals = regex->n_intervals,
        .next = narrow(&state->arena, regex->next, (size_t)regex->n_states * regex->n_classes),
        .accepts = accepts,
        .n_classes = regex->n_classes,
    };
    printf("ok\n");
}

static void take_text(struct state *state, const char *hex)
{
    const char *text = unhex(&state->arena, hex);
    bool built = regex_matches(state->regex, text);
    if (built != gw_pattern_fits(&state->pattern, (struct gw_str){text, strlen(text)})) {
        fprintf(stderr, "the compiler and the runtime differ on \"%s\"\n", text);
        exit(1);
    }
    printf("%d\n", built);
}

static void take_lengths(struct state *state, char *rest)
{
    size_t low = strtoull(rest, &rest, 10), high = strtoull(rest, NULL, 10);
    const char *text = regex_text(&state->arena, state->regex, low, high, 0);
    if (regex_has_length(&state->arena, state->regex, low, high) != (text != NULL)) {
        fprintf(stderr, "a sample of a length that is not there, or none\n");
        exit(1);
    }
    for (const char *p = text; p && *p; p++)
        printf("%02x", (unsigned char)*p);
    printf("%s\n", text ? "" : "none");
}

int main(void)
{
    struct state state = {.regex = NULL};
    static char line[1 << 17];
    setvbuf(stdout, NULL, _IOLBF, 0);
    while (fgets(line, sizeof(line), stdin)) {
        line[strcspn(line, "\n")] = '\0';
        if (*line == 'P')
            take_expression(&state, line + 1);
        else if (*line == 'T')
            take_text(&state, line + 1);
        else if (*line == 'L')
            take_lengths(&state, line + 1);
        else if (*line == 'M')
            printf("%zd\n", (ssize_t)regex_longest(&state.arena, state.regex));
    }
    arena_free(&state.arena);
    return 0;
}

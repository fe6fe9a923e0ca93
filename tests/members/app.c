/* app.c: handlers that say what reached them: nothing, or each value. */
#include "routes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TAKES(name)                                                                                \
    int take_##name(struct gw_request *req, const struct name##_body *body)                        \
    {                                                                                              \
        return gw_empty(req, 204);                                                                 \
    }

TAKES(words)
TAKES(numbers)
TAKES(counts)
TAKES(ratios)
TAKES(optionals)
TAKES(absents)
TAKES(nulls)
TAKES(texts)
TAKES(uris)
TAKES(hosts)
TAKES(addresses)
TAKES(tags)
TAKES(reals)
TAKES(switches)
TAKES(nested)
TAKES(codes)
TAKES(slugs)
TAKES(quotes)

static int dump(struct gw_request *req, const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    int r = text ? gw_text(req, 200, text) : -ENOMEM;
    free(text);
    return r;
}

int take_frees(struct gw_request *req, const struct frees_body *body)
{
    return dump(req, body->v);
}

/* Null where it was left out. */
int take_maybes(struct gw_request *req, const struct maybes_body *body)
{
    return body->w ? dump(req, body->w) : gw_text(req, 200, body->v ? "v" : "none");
}

int take_piles(struct gw_request *req, const struct piles_body *body)
{
    return dump(req, body->v.items[body->v.n - 1]);
}

TAKES(scores)
TAKES(trees)
TAKES(hidden)
TAKES(holding)
TAKES(anys)

/* Names and values in the order in which they came. */
int take_labels(struct gw_request *req, const struct labels_body *body)
{
    const char *all = "";
    for (size_t i = 0; all && i < body->v.n; i++)
        all = gw_printf(req, "%s%s=%s;", all, body->v.items[i].name, body->v.items[i].value);
    return gw_text(req, 200, all);
}

int take_grids(struct gw_request *req, const struct grids_body *body)
{
    const char *all = "";
    for (size_t i = 0; all && i < body->v.n; i++) {
        for (size_t j = 0; all && j < body->v.items[i].n; j++)
            all = gw_printf(req, "%s%" PRId64 ",", all, body->v.items[i].items[j]);
        all = all ? gw_printf(req, "%s;", all) : NULL;
    }
    return gw_text(req, 200, all);
}

int take_tables(struct gw_request *req, const struct tables_body *body)
{
    const char *all = body->v.items ? "" : "none";
    for (size_t i = 0; all && i < body->v.n; i++) {
        all = gw_printf(req, "%s%s:", all, body->v.items[i].name);
        for (size_t j = 0; all && j < body->v.items[i].value.n; j++)
            all = gw_printf(req, "%s%s,", all, body->v.items[i].value.items[j]);
    }
    return gw_text(req, 200, all);
}

int take_deeps(struct gw_request *req, const struct deeps_body *body)
{
    const char *all = "";
    for (size_t i = 0; all && i < body->v.n; i++)
        for (size_t j = 0; all && j < body->v.items[i].n; j++)
            all = gw_printf(req, "%s%s=%d;", all, body->v.items[i].items[j].name,
                            (int)body->v.items[i].items[j].value->v.value);
    for (size_t i = 0; all && i < body->w.n; i++)
        for (size_t j = 0; all && j < body->w.items[i].value.n; j++)
            all = gw_printf(req, "%s%s.%s=%d;", all, body->w.items[i].name,
                            body->w.items[i].value.items[j].name,
                            body->w.items[i].value.items[j].value);
    for (size_t i = 0; all && i < body->x.n; i++)
        all = gw_printf(req, "%s%s=%g;", all, body->x.items[i].name, body->x.items[i].value);
    return gw_text(req, 200, all);
}

/* Answers with the same; "AAA" stands for an answer of too many, which is not declared. */
int take_list(struct gw_request *req, const struct codes_list *body)
{
    json_t *list = json_array();
    bool many = !strcmp(body->items[0]->v, "AAA");
    for (size_t i = 0; i < (many ? 4 : body->n); i++)
        json_array_append_new(list, json_pack("{s:s}", "v", body->items[many ? 0 : i]->v));
    return gw_json(req, 200, list);
}

int take_trees_list(struct gw_request *req, const struct trees_list *body)
{
    return gw_text(req, 200, gw_printf(req, "%zu", body->n));
}

TAKES(jots)

/* What is left out is "none". */
int take_jot(struct gw_request *req, const struct jots_body *body)
{
    return gw_text(req, 200, body ? body->v : "none");
}

int take_jot_form(struct gw_request *req, const struct jots_body *body)
{
    return take_jot(req, body);
}

int take_loose(struct gw_request *req, const struct loose_body *body)
{
    return gw_text(req, 200, !body ? "none" : body->v ? body->v : "nothing");
}

int take_loose_one(struct gw_request *req, const struct loose_body *body)
{
    return take_loose(req, body);
}

int take_jot_list(struct gw_request *req, const struct jots_list *body)
{
    return gw_text(req, 200, body ? gw_printf(req, "%zu", body->n) : "none");
}

int take_scan(struct gw_request *req, const struct scans_body *body)
{
    return gw_text(req, 200, !body ? "none" : body->page ? body->page->name : body->v);
}

TAKES(series)
TAKES(things)

int take_strings(struct gw_request *req, const struct strings_body *body)
{
    const char *all = "";
    for (size_t i = 0; all && i < body->n; i++)
        all = gw_printf(req, "%s<%s>", all, body->items[i]);
    return gw_text(req, 200, all);
}

/* Null is "-", here and below. */
int take_holes(struct gw_request *req, const struct holes_body *body)
{
    const char *all = "";
    for (size_t i = 0; all && i < body->n; i++)
        all = body->items[i].set ? gw_printf(req, "%s%" PRId64 ",", all, body->items[i].value)
                                 : gw_printf(req, "%s-,", all);
    return gw_text(req, 200, all);
}

int take_mixes(struct gw_request *req, const struct mixes_body *body)
{
    const char *all = "";
    for (size_t i = 0; all && i < body->n; i++)
        all = gw_printf(req, "%s%s=%s;", all, body->items[i].name,
                        body->items[i].value ? body->items[i].value : "-");
    return gw_text(req, 200, all);
}

int take_anything(struct gw_request *req, const struct anything_body *body)
{
    return gw_json(req, 200, json_incref(body->value));
}

int take_digits(struct gw_request *req, const struct digits_body *body)
{
    return gw_text(req, 200, gw_printf(req, "%" PRId64, body->value));
}

int take_switch(struct gw_request *req, const struct switch_body *body)
{
    return gw_text(req, 200, !body->value.set ? "-" : body->value.value ? "on" : "off");
}

int take_choices(struct gw_request *req, const struct choices_body *body)
{
    return gw_text(req, 200, !body ? "none" : body->value ? body->value : "-");
}

int take_perhaps(struct gw_request *req, const struct perhaps_body *body)
{
    return gw_text(req, 200, !body->value ? "-" : body->value->v.set ? "set" : "unset");
}

int take_sheets(struct gw_request *req, const struct sheets_body *body)
{
    const char *all = "";
    for (size_t i = 0; all && i < body->n; i++) {
        for (size_t j = 0; all && j < body->items[i].n; j++)
            all = gw_printf(req, "%s%" PRId64 ",", all,
                            body->items[i].items[j].set ? body->items[i].items[j].value : -1);
        all = all ? gw_printf(req, "%s%s;", all, body->items[i].items ? "" : "-") : NULL;
    }
    return gw_text(req, 200, all);
}

/* What is left out is "none". */
int take_places(struct gw_request *req, const struct places_body *body)
{
    const char *all = gw_printf(req, "%" PRId64 " w%zu", body->v->value, body->w ? body->w->n : 99);
    char *x = body->x ? json_dumps(body->x->value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    all = all ? gw_printf(req, "%s x%s y", all, x ? x : "none") : NULL;
    free(x);
    for (size_t i = 0; all && i < body->y.n; i++)
        all = gw_printf(req, "%s%s,", all, body->y.items[i]->value ? body->y.items[i]->value : "-");
    for (size_t i = 0; all && i < body->z.n; i++)
        all = gw_printf(req, "%s z%g", all, body->z.items[i].set ? body->z.items[i].value : -1);
    for (size_t i = 0; all && i < body->a.n; i++)
        all = gw_printf(req, "%s %s=%d", all, body->a.items[i].name,
                        body->a.items[i].value.set ? body->a.items[i].value.value : -1);
    for (size_t i = 0; all && i < body->b.n; i++)
        all = gw_printf(req, "%s b%s", all, body->b.items[i] ? "" : "-");
    for (size_t i = 0; all && i < body->c.n; i++)
        all = gw_printf(req, "%s %s=%d", all, body->c.items[i].name,
                        body->c.items[i].value.set ? (int)body->c.items[i].value.value : -1);
    return gw_text(req, 200,
                   all ? gw_printf(req, "%s d%s", all,
                                   !body->d          ? "none"
                                   : !body->d->value ? "-"
                                                     : "+")
                       : NULL);
}

/* Answers with the same. */
int take_string_lists(struct gw_request *req, const struct strings_list *body)
{
    json_t *lists = json_array();
    for (size_t i = 0; i < body->n; i++) {
        json_t *list = json_array();
        for (size_t j = 0; j < body->items[i]->n; j++)
            json_array_append_new(list, json_string(body->items[i]->items[j]));
        json_array_append_new(lists, list);
    }
    return gw_json(req, 200, lists);
}

/* As the query says. */
int answer(struct gw_request *req, const struct says_body *query)
{
    int status = (int)query->status;
    const char *text = query->text ? query->text : "";
    size_t len = strlen(text);
    int r = 0;
    if (!strcmp(query->how, "json")) {
        r = gw_json_text(req, status, text, len);
        return r || !query->type ? r : gw_set_header(req, "Content-Type", query->type);
    }
    if (!strcmp(query->how, "problem"))
        return gw_problem(req, status, NULL, NULL);
    if (!strcmp(query->how, "file"))
        return gw_file(req, "/etc", "passwd", query->type);
    if (!strcmp(query->how, "empty"))
        return gw_empty(req, status);
    if (!strcmp(query->how, "stream")) {
        r = gw_begin(req, status, query->type);
        return r ? r : gw_write(req, text, len);
    }
    if (!strcmp(query->how, "accel"))
        r = gw_set_header(req, "X-Accel-Redirect", "/files/x.png");
    if (r || !query->type)
        return r ? r : gw_empty(req, status);
    return gw_bytes(req, status, query->type, text, len);
}

static int say_search(struct gw_request *req, const struct search_body *body)
{
    const char *all = "";
    for (size_t i = 0; all && i < body->tags.n; i++)
        all = gw_printf(req, "%s<%s>", all, body->tags.items[i]);
    for (size_t i = 0; all && i < body->ids.n; i++)
        all = gw_printf(req, "%s %" PRId64, all, body->ids.items[i]);
    all = all && !body->words.items ? gw_printf(req, "%s none", all) : all;
    for (size_t i = 0; all && i < body->words.n; i++)
        all = gw_printf(req, "%s [%s]", all, body->words.items[i]);
    for (size_t i = 0; all && i < body->flags.n; i++)
        all = gw_printf(req, "%s %s", all, body->flags.items[i] ? "yes" : "no");
    return gw_text(
        req, 200, gw_printf(req, "%s %d %d", all, body->old, body->new.set ? body->new.value : -1));
}

int show_search(struct gw_request *req, const struct search_body *query)
{
    return say_search(req, query);
}

int take_search(struct gw_request *req, const struct search_body *body)
{
    return say_search(req, body);
}

int take_eithers(struct gw_request *req, const struct eithers_body *body)
{
    if (body->v.kind == GW_KIND_NUMBER)
        return gw_text(req, 200, gw_printf(req, "number %" PRId64, body->v.number));
    return gw_text(req, 200, gw_printf(req, "text %s", body->v.text));
}

int take_mingled(struct gw_request *req, const struct mingled_body *body)
{
    const char *all = "";
    for (size_t i = 0; all && i < body->n; i++)
        all =
            body->items[i].kind == GW_KIND_NUMBER
                ? gw_printf(req, "%s %" PRId64, all, body->items[i].number)
                : gw_printf(req, "%s %s", all, body->items[i].kind ? body->items[i].text : "null");
    return gw_text(req, 200, all);
}

int take_whole(struct gw_request *req, const struct whole_body *body)
{
    if (body->value.kind == GW_KIND_NUMBER)
        return gw_text(req, 200, gw_printf(req, "%" PRId64, body->value.number));
    return gw_text(req, 200, body->value.kind ? gw_printf(req, "%zu", body->value.list.n) : "null");
}

int take_picks(struct gw_request *req, const struct picks_body *body)
{
    const char *all = body->v.kind == GW_KIND_TEXT ? body->v.text : "none";
    if (body->v.kind != GW_KIND_OBJECT)
        return gw_text(req, 200, all);
    all = "map";
    for (size_t i = 0; all && i < body->v.map.n; i++)
        all = gw_printf(req, "%s %s=%" PRId64, all, body->v.map.items[i].name,
                        body->v.map.items[i].value);
    return gw_text(req, 200, all);
}

int take_manies(struct gw_request *req, const struct manies_body *body)
{
    const char *all = body->v.kind == GW_KIND_NONE   ? "null"
                      : body->v.kind == GW_KIND_TEXT ? body->v.text
                                                     : "list";
    for (size_t i = 0; all && body->v.kind == GW_KIND_LIST && i < body->v.list.n; i++)
        all = gw_printf(req, "%s %s", all, body->v.list.items[i]);
    if (all && body->w.kind == GW_KIND_NUMBER)
        all = gw_printf(req, "%s; %g", all, body->w.number);
    else if (all && body->w.kind == GW_KIND_BOOL)
        all = gw_printf(req, "%s; %d", all, body->w.boolean);
    return gw_text(req, 200, all);
}

static const char *say_mixtures(struct gw_request *req, const struct mixtures_body *body)
{
    const char *all = "";
    for (size_t i = 0; all && i < body->v.n; i++) {
        if (body->v.items[i].kind == GW_KIND_NUMBER)
            all = gw_printf(req, "%s %" PRId64, all, body->v.items[i].number);
        else if (body->v.items[i].kind == GW_KIND_BOOL)
            all = gw_printf(req, "%s %s", all, body->v.items[i].boolean ? "yes" : "no");
        else if (body->v.items[i].kind == GW_KIND_OBJECT)
            all = gw_printf(req, "%s {%" PRId64 "}", all, body->v.items[i].body->v.value);
        for (size_t j = 0;
             all && body->v.items[i].kind == GW_KIND_LIST && j < body->v.items[i].list.n; j++)
            all = gw_printf(req, "%s [%s]", all, body->v.items[i].list.items[j]);
    }
    for (size_t i = 0; all && i < body->w.n; i++) {
        all = gw_printf(req, "%s %s:", all, body->w.items[i].name);
        if (all && body->w.items[i].value.kind == GW_KIND_TEXT)
            all = gw_printf(req, "%s%" PRId64, all, body->w.items[i].value.time);
        else if (all)
            all = gw_printf(req, "%s%zu", all, body->w.items[i].value.list.n);
    }
    if (all && body->x.kind == GW_KIND_TEXT)
        return gw_printf(req, "%s; %s", all, body->x.text);
    if (!all || body->x.kind != GW_KIND_OBJECT)
        return all;
    const char *inner = say_mixtures(req, body->x.body);
    return inner ? gw_printf(req, "%s;%s", all, inner) : NULL;
}

int take_mixtures(struct gw_request *req, const struct mixtures_body *body)
{
    return gw_text(req, 200, say_mixtures(req, body));
}

static const char *say_span(struct gw_request *req, const struct span_body *span)
{
    return !span ? "none"
                 : gw_printf(req, "%s..%s", span->from ? span->from : "", span->to ? span->to : "");
}

static const char *say_facets(struct gw_request *req, const struct facets_body *facets)
{
    const char *all = !facets ? "none"
                              : gw_printf(req, "%s %d %s", facets->title ? facets->title : "-",
                                          facets->old, facets->sort ? facets->sort : "-");
    for (size_t i = 0; all && facets && i < facets->level.n; i++)
        all = gw_printf(req, "%s %" PRId64, all, facets->level.items[i]);
    for (size_t i = 0; all && facets && i < facets->ids.n; i++)
        all = gw_printf(req, "%s #%" PRIu64, all, facets->ids.items[i]);
    return all;
}

static int say_found(struct gw_request *req, const struct found_body *found)
{
    const char *all = say_facets(req, found->filter);
    all = all ? gw_printf(req, "%s; %s; %s; %" PRId64 ";", all, say_span(req, found->range),
                          say_span(req, found->deep), found->page)
              : NULL;
    for (size_t i = 0; all && i < found->labels.n; i++)
        all = gw_printf(req, "%s %s=%" PRId64, all, found->labels.items[i].name,
                        found->labels.items[i].value);
    return gw_text(req, 200, all);
}

int show_found(struct gw_request *req, const struct found_body *query)
{
    return say_found(req, query);
}

int take_found(struct gw_request *req, const struct found_body *body)
{
    return say_found(req, body);
}

int take_filled(struct gw_request *req, const struct filled_body *body)
{
    return gw_text(req, 200,
                   gw_printf(req, "%" PRId64 " %s %d %g %" PRIu64, body->v, body->w, body->x,
                             body->y, body->z));
}

/* In the order in which they came. */
int take_sets(struct gw_request *req, const struct sets_body *body)
{
    const char *all = "";
    for (size_t i = 0; all && i < body->v.n; i++)
        all = gw_printf(req, "%s %" PRId64, all, body->v.items[i]);
    return gw_text(req, 200, all);
}

static int say(struct gw_request *req, const struct paged_body *page)
{
    return gw_text(req, 200,
                   gw_printf(req, "%" PRId64 " %s %d %" PRId64, page->page, page->order, page->old,
                             page->after.set ? page->after.value : -1));
}

int show_page(struct gw_request *req, const struct paged_body *query)
{
    return say(req, query);
}

int take_page(struct gw_request *req, const struct paged_body *body)
{
    return say(req, body);
}

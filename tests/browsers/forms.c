/* forms.c: a form without scripts, which is shown again with what was typed and what is wrong. */
#include "routes.h"

#include <string.h>

/* A field with its label, and beneath it what is wrong. */
static const char *field(struct gw_request *req, const char *name, const char *type,
                         const struct gw_field *field)
{
    const char *fault = field->fault ? gw_printf(req, "<p id=%s-fault class=fault>%s</p>", name,
                                                 gw_escape(req, field->fault))
                                     : "";
    return gw_printf(
        req, "<p><label for=%s>%s</label> <input id=%s name=%s type=%s value=\"%s\"%s%s%s></p>%s",
        name, name, name, name, type, gw_escape(req, field->text),
        field->fault ? " aria-invalid=true aria-describedby=" : "", field->fault ? name : "",
        field->fault ? "-fault" : "", fault);
}

static const char *item(const struct gw_field_list *list, size_t at)
{
    return at < list->n ? list->items[at].text : "";
}

static const char *langs(struct gw_request *req, const struct gw_field_list *list)
{
    const char *text = "";
    for (size_t i = 0; i < 3; i++)
        text = gw_printf(req, "%s<input id=langs%zu name=langs value=\"%s\" aria-label=lang>%s",
                         text, i, gw_escape(req, item(list, i)),
                         i < list->n && list->items[i].fault ? "<b class=fault>here</b>" : "");
    return gw_printf(req, "<fieldset><legend>langs</legend>%s%s%s</fieldset>", text,
                     list->fault ? "<p class=fault>" : "", list->fault ? list->fault : "");
}

/* All that there is to say in front, as some people cannot see the page as a whole. */
static const char *summary(struct gw_request *req)
{
    const struct gw_fault *faults;
    size_t n = gw_faults(req, &faults);
    const char *text = n ? "<ul id=summary>" : "";
    for (size_t i = 0; i < n; i++)
        text = gw_printf(req, "%s<li>%s %s", text, gw_escape(req, faults[i].pointer),
                         gw_escape(req, faults[i].detail));
    return n ? gw_printf(req, "%s</ul>", text) : "";
}

static int show(struct gw_request *req, int status, const struct pupil_form *form)
{
    return gw_html(
        req, status,
        gw_printf(
            req,
            "<!doctype html><html lang=en><meta charset=utf-8><title>%s</title>%s"
            "<form method=post>%s%s%s%s%s"
            "<p><label><input type=checkbox id=news name=news%s> news</label></p>"
            "<p><label for=about>about</label><textarea id=about name=\"a/b~c\">\n%s</textarea>"
            "%s</p>%s<p><button id=go>Enrol</button></p></form></html>",
            status == 200 ? "enrol" : "enrol again", summary(req),
            field(req, "name", "text", &form->name), field(req, "email", "text", &form->email),
            field(req, "age", "text", &form->age), field(req, "house", "text", &form->house),
            langs(req, &form->langs), form->news.sent ? " checked" : "",
            gw_escape(req, form->about.text),
            form->about.fault ? "<b id=about-fault class=fault>too long</b>" : "",
            field(req, "pin", "password", &form->pin)));
}

int enrol_page(struct gw_request *req, const struct users_row *me)
{
    return show(req, 200, &(struct pupil_form){.name.text = me ? me->email : NULL});
}

/* What only the handler can know is told in the same way. */
static int enrol_if_new(struct gw_request *req, const struct pupil_body *body,
                        const struct pupil_form *form)
{
    struct pupil_form again = *form;
    if (!body)
        return show(req, 422, form);
    if (!strcmp(body->email, "ann@school.test")) {
        again.email.fault = "is enrolled <already>";
        return show(req, 409, &again);
    }
    return gw_html(
        req, 201,
        gw_printf(req,
                  "<!doctype html><title>enrolled</title><p id=done>%s is in %s, %zu languages%s",
                  gw_escape(req, body->name), body->house, body->langs.n,
                  body->news ? ", wants news" : ""));
}

int enrol(struct gw_request *req, const struct users_row *me, const struct pupil_body *body,
          const struct pupil_form *form)
{
    (void)me;
    return enrol_if_new(req, body, form);
}

int enrol_mine(struct gw_request *req, const struct users_row *me, const struct pupil_body *body,
               const struct pupil_form *form)
{
    return me ? enrol_if_new(req, body, form) : 500;
}

/* The whole file, in pieces. */
int add_photo(struct gw_request *req, const struct photo_body *body)
{
    char piece[1000];
    uint64_t sum = 0;
    for (uint64_t at = 0; at < body->picture->size;) {
        ssize_t n = gw_upload_read(req, body->picture, at, piece, sizeof(piece));
        if (n <= 0)
            return n ? (int)n : 500;
        for (ssize_t i = 0; i < n; i++)
            sum = sum * 31 + (unsigned char)piece[i];
        at += (uint64_t)n;
    }
    return gw_text(req, 200,
                   gw_printf(req, "%s %s %s %llu %llx", body->title, body->picture->name,
                             body->picture->type, (unsigned long long)body->picture->size,
                             (unsigned long long)sum));
}

int answer(struct gw_request *req, const struct pupil_body *body)
{
    (void)body;
    return gw_empty(req, 204);
}

int counted(struct gw_request *req, const struct pupil_body *body, const struct pupil_form *form)
{
    (void)form;
    return gw_text(req, body ? 200 : 422, body ? "counted" : "shown");
}

/* ---- What the handler got, as JSON ---- */

static void write_field(struct gw_writer *w, const char *name, const struct gw_field *field)
{
    if (name)
        gw_writer_name(w, name);
    gw_writer_array(w);
    gw_writer_text(w, field->text);
    gw_writer_text(w, field->fault);
    gw_writer_bool(w, field->sent);
    gw_writer_end(w);
}

static void write_list(struct gw_writer *w, const char *name, const struct gw_field_list *list)
{
    gw_writer_name(w, name);
    gw_writer_object(w);
    gw_writer_name(w, "items");
    gw_writer_array(w);
    for (size_t i = 0; i < list->n; i++)
        write_field(w, NULL, &list->items[i]);
    gw_writer_end(w);
    gw_writer_name(w, "fault");
    gw_writer_text(w, list->fault);
    gw_writer_end(w);
}

static void write_faults(struct gw_request *req, struct gw_writer *w)
{
    const struct gw_fault *faults = NULL;
    size_t n = gw_faults(req, &faults);
    gw_writer_name(w, "errors");
    gw_writer_array(w);
    for (size_t i = 0; i < n; i++) {
        gw_writer_object(w);
        gw_writer_name(w, "pointer");
        gw_writer_text(w, faults[i].pointer);
        gw_writer_name(w, "detail");
        gw_writer_text(w, faults[i].detail);
        gw_writer_end(w);
    }
    gw_writer_end(w);
}

int echo(struct gw_request *req, const struct paged_body *query, const struct pupil_body *body,
         const struct pupil_form *form)
{
    struct gw_writer *w = gw_writer_new(req);
    gw_writer_object(w);
    gw_writer_name(w, "page");
    gw_writer_int(w, query->page.set ? query->page.value : 0);
    gw_writer_name(w, "body");
    gw_writer_text(w, body ? body->email : NULL);
    write_field(w, "name", &form->name);
    write_field(w, "email", &form->email);
    write_field(w, "age", &form->age);
    write_field(w, "house", &form->house);
    write_list(w, "langs", &form->langs);
    write_field(w, "ids", &form->ids);
    write_field(w, "news", &form->news);
    write_field(w, "a/b~c", &form->about);
    write_field(w, "pin", &form->pin);
    write_list(w, "pins", &form->pins);
    write_faults(req, w);
    gw_writer_end(w);
    return gw_writer_send(req, body ? 200 : 422, w);
}

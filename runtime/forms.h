/* forms.h: forms and the files in them, a part of gatewright.h, which includes it. */
#ifndef GATEWRIGHT_FORMS_H
#define GATEWRIGHT_FORMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct gw_request;

/* ---- Forms and files ------------------------------------------------------------------------ */

/* A field of a form that a handler shows again: routes.def says `(form note, faults)`, and the
 * handler takes a struct note_form, which has one for each member of the body. Both texts came from
 * outside or name what did: gw_escape goes before they are put into a page. To say something about
 * a field oneself, copy the structure and set `fault`. */
struct gw_field {
    const char *text;  /* as it was sent, the first one where there are several; "" if it was not
                        * there or is `secret`; never NULL */
    const char *fault; /* what is wrong with it: "must be 1 to 20 characters"; NULL: nothing */
    bool sent;         /* it was there, if only as an empty text */
};

/* A list of which each item is a pair of its own (`tag=a&tag=b`), in the order of the form. */
struct gw_field_list {
    const struct gw_field *items;
    size_t n;
    const char *fault; /* of the list as a whole; an item's own is in the item */
};

/* What is wrong with a form, as the errors of a 422 say it. */
struct gw_fault {
    const char *pointer; /* RFC 6901: "/title", "/tags/2", "" for all of it */
    const char *detail;  /* a sentence without its subject */
};

/* All that is wrong with the form of a handler that takes `faults`, members that it does not have
 * too: how many, 32 at most. 0: nothing, or the route has no `faults`. `ret` may be NULL. */
size_t gw_faults(struct gw_request *req, const struct gw_fault **ret);

/* `text` for a page: & < > " and ' as references, so that it stands between tags and in attributes
 * with quotes around them as what it is. NULL gives "". The result is never NULL: when memory is
 * short it is "", and the request is answered with 500 whatever follows (one that is streamed
 * already is cut off). Not for what stands in <script>, <style>, an event handler or a URL. */
const char *gw_escape(struct gw_request *req, const char *text);

/* A file that came in a form: routes.def says `photo file "image/png" ..5M`, and the body has a
 * `const struct gw_upload *photo`, NULL where it is optional and none was chosen. It is gone when
 * the response has been sent, unless gw_upload_keep has made a file of it. */
struct gw_upload {
    const char *name; /* to be shown to people, and for nothing else: without folders and control
                       * characters, at most 255 bytes; "" where nothing is left */
    const char *type; /* "image/png": by its content where the runtime was built with libmagic, else
                       * as the sender said; in any case one that the line lets in */
    uint64_t size;    /* bytes */
    uint64_t at;      /* the runtime's own */
};

/* Up to `size` bytes of it, from `at` on: their number, 0 at its end; a negative errno. */
ssize_t gw_upload_read(struct gw_request *req, const struct gw_upload *upload, uint64_t at,
                       void *buffer, size_t size);

/* Makes the file `path` of it, which appears at once and whole, with what it holds on the disk; its
 * mode is 0666 less the umask. The folder must be there. -EEXIST: there is a file of that name, and
 * it stays; -ENOSPC or -EDQUOT, on which a handler that passes it on is answered with 503; another
 * negative errno. No name that a client sent belongs into `path`. */
int gw_upload_keep(struct gw_request *req, const struct gw_upload *upload, const char *path);

#endif

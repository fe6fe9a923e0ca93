/* app.c: handlers that say what reached them: names, types, and hashes of what was in the files. */
#include "routes.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

/* In pieces of an odd size. */
static int hash(struct gw_request *req, const struct gw_upload *upload, char hex[65])
{
    unsigned char piece[4099], digest[32];
    EVP_MD_CTX *sha = EVP_MD_CTX_new();
    int r = sha && EVP_DigestInit_ex(sha, EVP_sha256(), NULL) ? 0 : -ENOMEM;
    for (uint64_t at = 0; !r && at < upload->size;) {
        ssize_t n = gw_upload_read(req, upload, at, piece, sizeof(piece));
        r = n <= 0 ? -EIO : EVP_DigestUpdate(sha, piece, (size_t)n) ? 0 : -EIO;
        at += n > 0 ? (uint64_t)n : 0;
    }
    if (!r && gw_upload_read(req, upload, upload->size, piece, 1))
        r = -EIO;
    if (!r && !EVP_DigestFinal_ex(sha, digest, NULL))
        r = -EIO;
    EVP_MD_CTX_free(sha);
    for (size_t i = 0; !r && i < sizeof(digest); i++)
        sprintf(hex + 2 * i, "%02x", digest[i]);
    return r;
}

static int write_upload(struct gw_request *req, struct gw_writer *w, const char *name,
                        const struct gw_upload *upload)
{
    char hex[65] = "";
    int r = upload ? hash(req, upload, hex) : 0;
    gw_writer_name(w, name);
    if (!upload) {
        gw_writer_null(w);
        return r;
    }
    gw_writer_array(w);
    gw_writer_text(w, upload->name);
    gw_writer_text(w, upload->type);
    gw_writer_uint(w, upload->size);
    gw_writer_text(w, hex);
    gw_writer_end(w);
    return r;
}

int add_photo(struct gw_request *req, const struct photo_body *body)
{
    struct gw_writer *w = gw_writer_new(req);
    gw_writer_object(w);
    gw_writer_name(w, "title");
    gw_writer_text(w, body->title);
    gw_writer_name(w, "tags");
    gw_writer_array(w);
    for (size_t i = 0; i < body->tags.n; i++)
        gw_writer_text(w, body->tags.items[i]);
    gw_writer_end(w);
    int r = write_upload(req, w, "picture", body->picture);
    r = r ? r : write_upload(req, w, "a note", body->note);
    r = r ? r : write_upload(req, w, "page", body->page);
    r = r ? r : write_upload(req, w, "few", body->few);
    gw_writer_end(w);
    return r ? r : gw_writer_send(req, 200, w);
}

static const char *field(struct gw_request *req, const char *name, const char *type,
                         const struct gw_field *field)
{
    return gw_printf(req,
                     "<p><label>%s <input id=%s name=%s type=%s value=\"%s\"></label>%s<i>%s</i>",
                     name, name, name, type, *type == 'f' ? "" : gw_escape(req, field->text),
                     gw_escape(req, *type == 'f' ? field->text : ""), gw_escape(req, field->fault));
}

int show_photo(struct gw_request *req, const struct photo_body *body, const struct photo_form *form)
{
    if (body)
        return add_photo(req, body);
    return gw_html(
        req, 422,
        gw_printf(req,
                  "<!doctype html><meta charset=utf-8><title>again</title>"
                  "<form method=post enctype=multipart/form-data>%s%s<button>Go</button>",
                  field(req, "title", "text", &form->title),
                  field(req, "picture", "file", &form->picture)));
}

int drop_file(struct gw_request *req, const struct drop_body *body)
{
    char hex[65];
    int r = hash(req, body->file, hex);
    return r ? r : gw_text(req, 200, hex);
}

int tell_size(struct gw_request *req, const struct drop_body *body)
{
    return gw_text(req, 200, gw_printf(req, "%llu", (unsigned long long)body->file->size));
}

int keep_file(struct gw_request *req, const char *name, const struct drop_body *body)
{
    const char *path = gw_printf(req, "%s/%s", getenv("KEEP"), name);
    int r = path ? gw_upload_keep(req, body->file, path) : -ENOMEM;
    return r == -EEXIST ? 409 : r ? r : gw_text(req, 201, body->file->name);
}

int take_anything(struct gw_request *req, const struct anything_body *body)
{
    return gw_text(req, 200, body->file ? body->file->type : "none");
}

int take_texts(struct gw_request *req, const struct texts_body *body)
{
    struct gw_writer *w = gw_writer_new(req);
    gw_writer_object(w);
    gw_writer_name(w, "a");
    gw_writer_text(w, body->a);
    gw_writer_name(w, "b");
    if (body->b.set)
        gw_writer_int(w, body->b.value);
    else
        gw_writer_null(w);
    gw_writer_name(w, "c");
    gw_writer_array(w);
    for (size_t i = 0; i < body->c.n; i++)
        gw_writer_text(w, body->c.items[i]);
    gw_writer_end(w);
    gw_writer_name(w, "d");
    gw_writer_text(w, body->d);
    gw_writer_end(w);
    return gw_writer_send(req, 200, w);
}

/* file.c: gw_file: a file beneath a directory, and never beside it.
 *
 * The relative path comes from a client. It is walked one component at a time with O_NOFOLLOW, so
 * that neither `..` nor a symbolic link leads out of the root, also when somebody changes the tree
 * meanwhile. Only regular files are served; whatever is missing, hidden or irregular is 404. */
#include "input/path.h"
#include "request/request.h"
#include "request/context.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_component(struct gw_str part)
{
    return part.len && part.ptr[0] != '.' && !memchr(part.ptr, 0, part.len);
}

/* Opens `name` in the directory `dir` (which is closed). */
static int step(int dir, const char *name, int flags)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | flags);
    int error = errno;
    close(dir);
    return fd < 0 ? -error : fd;
}

static int open_beneath(struct gw_request *req, const char *root, const char *relative)
{
    int fd = open(root, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (fd < 0) {
        gw_log(req, "gw_file cannot open its root %s: %s", root, strerror(errno));
        return -EIO;
    }
    while (fd >= 0) {
        size_t len = strcspn(relative, "/");
        bool last = !relative[len];
        char *name = gw_arena_copy(req->arena, relative, len);
        if (!name || !is_component((struct gw_str){relative, len})) {
            close(fd);
            return name ? -ENOENT : -ENOMEM;
        }
        fd = step(fd, name, last ? 0 : O_DIRECTORY);
        if (last)
            return fd;
        relative += len + 1;
    }
    return fd;
}

static const char *type_by_name(const char *name)
{
    static const struct {
        const char *ending, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".json", "application/json"},
        {".txt", "text/plain; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"},
        {".gif", "image/gif"},
        {".webp", "image/webp"},
        {".pdf", "application/pdf"},
        {".mp4", "video/mp4"},
        {".webm", "video/webm"},
        {".mp3", "audio/mpeg"},
        {".ogg", "audio/ogg"},
        {".wasm", "application/wasm"},
        {".zip", "application/zip"},
    };
    size_t len = strlen(name);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        size_t n = strlen(types[i].ending);
        if (len > n &&
            gw_str_equal_nocase((struct gw_str){name + len - n, n}, gw_str_from(types[i].ending)))
            return types[i].type;
    }
    return "application/octet-stream";
}

/* Tells the web server to send the file; it also does ranges and conditional requests. */
static int hand_over(struct gw_request *req, const char *root, const char *relative)
{
    const struct gw_config *config = &req->worker->server->config;
    const char *value, *encoded;
    if (config->sendfile == GW_SENDFILE_ACCEL) {
        int r = gw_path_encode(req->arena, relative, true, &encoded);
        if (r)
            return r;
        value = gw_printf(req, "%s%s", config->sendfile_prefix, encoded);
        return value ? gw_set_header(req, "X-Accel-Redirect", value) : -ENOMEM;
    }
    char *absolute = realpath(root, NULL);
    if (!absolute)
        return errno == ENOMEM ? -ENOMEM : -EIO;
    value = gw_printf(req, "%s/%s", absolute, relative);
    free(absolute);
    return value ? gw_set_header(req, "X-Sendfile", value) : -ENOMEM;
}

static int serve_open_file(struct gw_request *req, int fd, const char *root, const char *relative,
                           const char *type)
{
    struct stat st;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        close(fd);
        return GW_E_NOT_FOUND;
    }
    int r = gw_bytes(req, 200, type ? type : type_by_name(relative), "", 0);
    if (!r && req->worker->server->config.sendfile != GW_SENDFILE_NONE) {
        close(fd);
        return hand_over(req, root, relative);
    }
    if (r) {
        close(fd);
        return r;
    }
    req->response.file = fd;
    req->response.file_size = (uint64_t)st.st_size;
    return 0;
}

int gw_file(struct gw_request *req, const char *root, const char *relative, const char *type)
{
    int fd = open_beneath(req, root, relative);
    int r = fd < 0 ? fd : serve_open_file(req, fd, root, relative, type);
    if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP || r == -EACCES || r == -ENAMETOOLONG ||
        r == -ENXIO || r == GW_E_NOT_FOUND)
        return gw_response_problem(req, 404, NULL, NULL);
    return r;
}

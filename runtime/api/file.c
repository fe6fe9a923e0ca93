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

/* The part of `path` beneath `folder`, with its slash ("" for the folder itself); NULL: it lies
 * elsewhere. */
static const char *beneath(const char *path, const char *folder)
{
    size_t len = strcmp(folder, "/") ? strlen(folder) : 0;
    return strncmp(path, folder, len) || (path[len] && path[len] != '/') ? NULL : path + len;
}

/* nginx is told a path of its own, which it decodes; what that names in the mapped folder must be
 * what was opened here. */
static int accel_value(struct gw_request *req, const char *root, const char *relative,
                       const char **ret)
{
    const struct gw_config *config = &req->worker->server->config;
    const char *inside = beneath(root, config->sendfile_folder), *encoded;
    if (!inside) {
        gw_log(req, "gw_file: the folder %s does not lie in %s, which GW_SENDFILE names", root,
               config->sendfile_folder);
        return -EACCES;
    }
    const char *path = gw_arena_printf(req->arena, "%s/%s", inside, relative);
    int r = path ? gw_path_encode(req->arena, path + 1, true, &encoded) : -ENOMEM;
    if (r)
        return r;
    *ret = gw_arena_printf(req->arena, "%s%s", config->sendfile_prefix, encoded);
    return *ret ? 0 : -ENOMEM;
}

/* Whether all servers read this value of X-Sendfile alike: lighttpd decodes escapes and puts "_"
 * for control bytes, Apache's module takes it as it stands, and both drop blanks at its end. */
static bool is_plain(const char *path)
{
    size_t len = strlen(path);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)path[i] < 0x20 || path[i] == 0x7f || path[i] == '%')
            return false;
    return path[len - 1] != ' ' && gw_utf8_valid(path, len, NULL);
}

/* Has the web server send the file; it also does ranges. Leaves it to the program where the server
 * could not be told which file is meant. */
static int hand_over(struct gw_request *req, const char *root, const char *relative)
{
    bool accel = req->worker->server->config.sendfile == GW_SENDFILE_ACCEL;
    char *absolute = realpath(root, NULL);
    const char *value = NULL;
    int r = 0;
    if (!absolute)
        return errno == ENOMEM ? -ENOMEM : -EIO;
    if (accel)
        r = accel_value(req, absolute, relative, &value);
    else if (!(value = gw_arena_printf(req->arena, "%s/%s", strcmp(absolute, "/") ? absolute : "",
                                       relative)))
        r = -ENOMEM;
    free(absolute);
    if (!r && (accel || is_plain(value)))
        req->response.by_server = (struct gw_response_header){
            accel ? GW_STR("X-Accel-Redirect") : GW_STR("X-Sendfile"), gw_str_from(value)};
    return r;
}

static int serve_open_file(struct gw_request *req, int fd, const char *root, const char *relative,
                           const char *type)
{
    struct gw_response *response = &req->response;
    struct stat st;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        close(fd);
        return GW_E_NOT_FOUND;
    }
    int r = gw_bytes(req, 200, type ? type : type_by_name(relative), "", 0);
    if (!r && req->worker->server->config.sendfile != GW_SENDFILE_NONE)
        r = hand_over(req, root, relative);
    const char *tag = r ? NULL : gw_etag_of_file(req, &st);
    if (!r && !tag)
        r = -ENOMEM;
    if (r || response->by_server.name.ptr)
        close(fd);
    if (r)
        return r == -EACCES ? -EIO : r;
    response->file_tag = tag;
    if (!response->by_server.name.ptr) {
        response->file = fd;
        response->file_size = (uint64_t)st.st_size;
    }
    return 0;
}

int gw_file(struct gw_request *req, const char *root, const char *relative, const char *type)
{
    if (gw_request_answers_nobody(req))
        return -EINVAL;
    int fd = open_beneath(req, root, relative);
    int r = fd < 0 ? fd : serve_open_file(req, fd, root, relative, type);
    if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP || r == -EACCES || r == -ENAMETOOLONG ||
        r == -ENXIO || r == GW_E_NOT_FOUND)
        return gw_response_problem(req, 404, NULL, NULL);
    return r;
}

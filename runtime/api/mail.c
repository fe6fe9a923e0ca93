/* mail.c: mails of examples and small appliances, to a folder or to a program. */
#include "base/child.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "input/format.h"
#include "request/context.h"
#include "request/request.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define SUBJECT_MAX  200         /* bytes */
#define TEXT_MAX     (64 * 1024) /* bytes */
#define LINE_LONGEST 998         /* RFC 5322, 2.1.1 */
#define SECONDS      10          /* that a program may take */
#define PIECE        42          /* bytes of a subject in one encoded word (RFC 2047, 2) */
#define ENCODED      (PIECE / 3 * 4 + 1)

/* ---- What may be sent ----------------------------------------------------------------------- */

/* No line ends in what becomes a line of the head, so nothing can add one; and nothing that a
 * program could take for an option of its own. */
static bool is_address(const char *to)
{
    return to && *to != '-' && strlen(to) <= 254 && gw_is_email(gw_str_from(to));
}

static bool is_subject(const char *subject)
{
    size_t chars, len = subject ? strlen(subject) : 0;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)subject[i] < 0x20 || subject[i] == 0x7f)
            return false;
    return len && len <= SUBJECT_MAX && gw_utf8_valid(subject, len, &chars);
}

static bool is_text(const char *text)
{
    size_t chars, len = text ? strlen(text) : 0, line = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        line = c == '\n' ? 0 : line + 1;
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || line > LINE_LONGEST)
            return false;
    }
    return len && len <= TEXT_MAX && gw_utf8_valid(text, len, &chars);
}

/* ---- The message ---------------------------------------------------------------------------- */

/* As it is where it is ASCII, else in encoded words (RFC 2047), each of whole characters. */
static void put_subject(struct gw_text *to, const char *subject)
{
    bool ascii = !strstr(subject, "=?");
    for (const char *c = subject; *c; c++)
        ascii &= !((unsigned char)*c & 0x80);
    gw_text_printf(to, "Subject:%s%s", ascii ? " " : "", ascii ? subject : "");
    for (size_t len = strlen(subject), n; !ascii && len; subject += n, len -= n) {
        unsigned char encoded[ENCODED];
        n = len < PIECE ? len : PIECE;
        while (n < len && ((unsigned char)subject[n] & 0xc0) == 0x80)
            n--;
        EVP_EncodeBlock(encoded, (const unsigned char *)subject, (int)n);
        gw_text_printf(to, " =?utf-8?B?%s?=%s", (const char *)encoded, n < len ? "\n" : "");
    }
    gw_text_printf(to, "\n");
}

static struct gw_text message(struct gw_request *req, const char *to, const char *subject,
                              const char *text)
{
    struct gw_text ret = {.arena = req->arena};
    gw_text_printf(&ret, "To: %s\n", to);
    put_subject(&ret, subject);
    gw_text_printf(&ret,
                   "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
                   "Content-Transfer-Encoding: 8bit\nAuto-Submitted: auto-generated\n\n%s%s",
                   text, text[strlen(text) - 1] == '\n' ? "" : "\n");
    return ret;
}

/* ---- Where it goes -------------------------------------------------------------------------- */

static int write_all(int fd, const char *ptr, size_t len)
{
    while (len) {
        ssize_t n = write(fd, ptr, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n ? -errno : -EIO;
        ptr += n;
        len -= (size_t)n;
    }
    return 0;
}

/* Whoever looks finds whole files: it gets its name once it is written. */
static int to_folder(struct gw_request *req, const char *folder, const struct gw_text *mail)
{
    uint64_t random;
    if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return -EIO;
    const char *name = gw_arena_printf(req->arena, "%s/%" PRId64 "-%016" PRIx64 ".eml", folder,
                                       gw_now_us(), random);
    const char *before = name ? gw_arena_printf(req->arena, "%s.part", name) : NULL;
    if (!before)
        return -ENOMEM;
    int fd = open(before, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -errno;
    int r = write_all(fd, mail->ptr, mail->len);
    if (close(fd) && !r)
        r = -errno;
    if (!r && rename(before, name))
        r = -errno;
    if (r)
        unlink(before);
    return r;
}

/* The words of the command, and behind them the address. */
static int to_program(struct gw_request *req, const char *command, const char *to,
                      const struct gw_text *mail)
{
    char *words = gw_arena_copy(req->arena, command, strlen(command));
    char *address = gw_arena_copy(req->arena, to, strlen(to)), *rest = NULL;
    char *argv[GW_MAIL_WORDS + 2];
    size_t n = 0;
    uint64_t deadline = gw_now_ns() + SECONDS * UINT64_C(1000000000);
    int status = 0;
    if (!words || !address)
        return -ENOMEM;
    for (char *word = strtok_r(words, " ", &rest); word && n < GW_MAIL_WORDS;
         word = strtok_r(NULL, " ", &rest))
        argv[n++] = word;
    argv[n++] = address;
    argv[n] = NULL;
    if (req->deadline_ns && req->deadline_ns < deadline)
        deadline = req->deadline_ns;
    int r = gw_child_run(argv, mail->ptr, mail->len, deadline, &status);
    if (!r && status) {
        gw_log(req, "GW_MAIL: %s ended with status %d", argv[0], status);
        return -EIO;
    }
    return r;
}

int gw_mail_send(struct gw_request *req, const char *to, const char *subject, const char *text)
{
    const char *mail = req->worker->server->config.mail;
    if (!mail)
        return -ENOTSUP;
    if (!is_address(to) || !is_subject(subject) || !is_text(text)) {
        gw_log(req, "gw_mail_send: the %s cannot be sent",
               !is_address(to)        ? "address"
               : !is_subject(subject) ? "subject"
                                      : "text");
        return -EINVAL;
    }
    struct gw_text written = message(req, to, subject, text);
    int r = written.failed               ? -ENOMEM
            : !strncmp(mail, "file:", 5) ? to_folder(req, mail + 5, &written)
                                         : to_program(req, mail + 8, to, &written);
    if (r)
        gw_log(req, "GW_MAIL: the mail was not sent: %s", strerror(-r));
    return r;
}

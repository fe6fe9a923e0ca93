/* error.c: what error codes mean.
 *
 * The text of an error that a statement caused is never logged: it quotes what was given
 * ("Duplicate entry 'x@y.z' for key 'email'", "Incorrect integer value: ..."). The code, the
 * SQLSTATE and the statement, which holds no values, say as much. */
#include "store/mysql/own.h"

#include "base/log.h"

#include <errmsg.h>
#include <errno.h>
#include <string.h>

static const struct {
    unsigned code;
    int result;
    const char *words;
} meanings[] = {
    /* The connection is gone. */
    {1053, GW_MYSQL_LOST, "the server is shutting down"},
    {1152, GW_MYSQL_LOST, "the connection was aborted"},
    {1158, GW_MYSQL_LOST, "the connection broke"},
    {1159, GW_MYSQL_LOST, "the server gave up reading"},
    {1160, GW_MYSQL_LOST, "the connection broke"},
    {1161, GW_MYSQL_LOST, "the server gave up writing"},
    {1927, GW_MYSQL_LOST, "the connection was killed"},
    {3169, GW_MYSQL_LOST, "the session was killed"},
    {4031, GW_MYSQL_LOST, "the server closed an idle connection"},
    {CR_SERVER_GONE_ERROR, GW_MYSQL_LOST, "the server has gone"},
    {CR_SERVER_LOST, GW_MYSQL_LOST, "the connection was lost"},
    {CR_SERVER_LOST_EXTENDED, GW_MYSQL_LOST, "the connection was lost"},
    {CR_COMMANDS_OUT_OF_SYNC, GW_MYSQL_LOST, "the protocol is out of step"},
    {CR_MALFORMED_PACKET, GW_MYSQL_LOST, "the server sent nonsense"},
    /* The statement is not known any more, or must be prepared anew. */
    {1243, GW_MYSQL_LOST, "the prepared statement is gone"},
    {1615, GW_MYSQL_LOST, "the prepared statement is outdated"},
    /* Full or locked. */
    {1040, -EBUSY, "too many connections"},
    {1203, -EBUSY, "too many connections of this user"},
    {1226, -EBUSY, "the user's limit is reached"},
    {1461, -EBUSY, "too many prepared statements"},
    {1205, -EBUSY, "waited too long for a lock"},
    {1317, -EBUSY, "the statement was interrupted"},
    {1969, -ETIMEDOUT, "the statement took too long"},
    {3024, -ETIMEDOUT, "the statement took too long"},
    {1021, -EBUSY, "the server's disk is full"},
    {1026, -EBUSY, "the server cannot write"},
    {1114, -EBUSY, "the table is full"},
    /* There, but not of use. */
    {1290, GW_MYSQL_READ_ONLY, "the server is read-only"},
    {1792, GW_MYSQL_READ_ONLY, "the transaction is read-only"},
    {1836, GW_MYSQL_READ_ONLY, "the server is read-only"},
    {1047, GW_MYSQL_NOT_HERE, "the node has no quorum"},
    {3100, GW_MYSQL_NOT_HERE, "the group takes no writes"},
    {9001, GW_MYSQL_NOT_HERE, "the proxy found no server"},
    {1180, GW_MYSQL_UNKNOWN, "the commit failed"},
    {1044, -EHOSTDOWN, "access denied"},
    {1045, -EHOSTDOWN, "access denied"},
    {1049, -EHOSTDOWN, "no such database"},
    {1037, -EHOSTDOWN, "the server is out of memory"},
    {1041, -EHOSTDOWN, "the server is out of memory"},
    /* Another transaction was in the way. */
    {1213, GW_MYSQL_CONFLICT, "deadlock"},
    {3101, GW_MYSQL_CONFLICT, "the group rolled the transaction back"},
    /* Ours. */
    {CR_OUT_OF_MEMORY, -ENOMEM, "out of memory"},
    {1142, -EIO, "permission denied on the table"},
    {1227, -EIO, "a privilege is missing"},
    {1146, -EIO, "no such table"},
    {1054, -EIO, "no such column"},
    {1064, -EIO, "syntax error"},
    /* What the schema forbids. */
    {1062, GW_E_DUPLICATE, "duplicate"},
    {1586, GW_E_DUPLICATE, "duplicate"},
    {1216, GW_E_REFERENCED, "the row that is referred to is not there"},
    {1217, GW_E_REFERENCED, "other rows refer to this one"},
    {1451, GW_E_REFERENCED, "other rows refer to this one"},
    {1452, GW_E_REFERENCED, "the row that is referred to is not there"},
    {1761, GW_E_REFERENCED, "a row that refers to this one would be a duplicate"},
    {1762, GW_E_REFERENCED, "a row that refers to this one would be a duplicate"},
    {1048, GW_E_RANGE, "a column cannot be NULL"},
    {1364, GW_E_RANGE, "a column that is not declared has no default"},
    {1267, GW_E_RANGE, "a value has letters that the column's character set has not"},
    {1270, GW_E_RANGE, "a value has letters that the column's character set has not"},
    {1271, GW_E_RANGE, "a value has letters that the column's character set has not"},
    {3988, GW_E_RANGE, "a value has letters that the column's character set has not"},
    {1467, GW_E_RANGE, "the next key does not fit the column"},
    {1264, GW_E_RANGE, "a value is out of the column's range"},
    {1265, GW_E_RANGE, "a value does not fit the column"},
    {1292, GW_E_RANGE, "a value is not of the column's type"},
    {1366, GW_E_RANGE, "a value is not of the column's type"},
    {1406, GW_E_RANGE, "a value is too long for the column"},
    {3819, GW_E_RANGE, "a check constraint failed"},
    {4025, GW_E_RANGE, "a check constraint failed"},
    {1153, GW_E_TOO_LARGE, "larger than max_allowed_packet"},
    {CR_NET_PACKET_TOO_LARGE, GW_E_TOO_LARGE, "larger than max_allowed_packet"},
};

/* A storage engine tells the system's error inside of a text: "Got error 28 from storage
 * engine". */
static unsigned engine_code(unsigned code, const char *message)
{
    static const char before[] = "Got error 28 ";
    return code == 1030 && !strncmp(message, before, strlen(before)) ? 1021 : code;
}

int gw_mysql_failed(const struct gw_store *store, unsigned code, const char *sqlstate,
                    const char *message, const char *what)
{
    const char *words = "failed";
    int r = -EIO;
    code = engine_code(code, message);
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
        if (meanings[i].code == code) {
            r = meanings[i].result;
            words = meanings[i].words;
        }
    bool expected = r == GW_E_DUPLICATE || r == GW_E_REFERENCED || r == GW_MYSQL_CONFLICT;
    if (!expected && store->options.log)
        gw_log_line(store->options.log, "store: mysql %u (%s) %s: %s", code, sqlstate, words, what);
    return r;
}

bool gw_mysql_leaves_unread(unsigned code)
{
    return (code >= CR_MIN_ERROR && code <= CR_MAX_ERROR) ||
           (code >= CER_MIN_ERROR && code <= CER_MAX_ERROR);
}

int gw_mysql_connect_failed(struct gw_log *log, MYSQL *mysql, const char *host)
{
    unsigned code = mysql_errno(mysql);
    if (log)
        gw_log_line(log, "store: mysql %u (%s) connecting to %s: %s%s", code, mysql_sqlstate(mysql),
                    host, mysql_error(mysql),
                    code != CR_PLUGIN_NOT_ALLOWED ||
                            !strstr(mysql_error(mysql), "'caching_sha2_password'")
                        ? ""
                        : " caching_sha2_password is used only over TLS (tls=verify), a unix "
                          "socket, or with server_key=FILE");
    switch (code) {
    case 1044: /* no access to the database */
    case 1045: /* wrong user or password */
    case 1049: /* no such database */
    case 1130: /* this host may not connect */
    case 1251: /* an authentication that the client does not know */
    case 1698:
    case 1820: /* the password has expired */
    case 1862:
    case 3159: /* the server wants TLS */
    case CR_PLUGIN_NOT_ALLOWED:
    case CR_AUTH_PLUGIN_CANNOT_LOAD:
    case CR_AUTH_PLUGIN_ERR:
        return -EACCES;
    case 1040:
    case 1203:
    case 1226:
        return -EBUSY;
    case CR_OUT_OF_MEMORY:
        return -ENOMEM;
    default:
        return -EHOSTDOWN;
    }
}

/* folder.h: the names in a folder of keys, for whoever writes there. */
#ifndef GW_KEYS_FOLDER_H
#define GW_KEYS_FOLDER_H

#include <stddef.h>

#define GW_KEYS_ACTIVE "active"

enum gw_key_file {
    GW_KEY_FILE_NONE, /* hidden */
    GW_KEY_FILE_PEM,
    GW_KEY_FILE_JWK,
    GW_KEY_FILE_ACTIVE,
    GW_KEY_FILE_RETIRED,
    GW_KEY_FILE_UNKNOWN,
};
enum gw_key_file gw_key_file_kind(const char *name);

/* A whole regular file of at most 64 KiB, to be wiped and freed. NULL with errno. */
char *gw_keys_read_file(int folder, const char *name, size_t *ret_len);

#endif

/* folder.h: the names in a folder of keys, for whoever writes there. */
#ifndef GW_KEYS_FOLDER_H
#define GW_KEYS_FOLDER_H

#define GW_KEYS_ACTIVE  "active"
#define GW_KEY_FILE_MAX (64 * 1024) /* bytes */

enum gw_key_file {
    GW_KEY_FILE_NONE, /* hidden */
    GW_KEY_FILE_PEM,
    GW_KEY_FILE_JWK,
    GW_KEY_FILE_ACTIVE,
    GW_KEY_FILE_RETIRED,
    GW_KEY_FILE_UNKNOWN,
};
enum gw_key_file gw_key_file_kind(const char *name);

#endif

/* Two lists of values have one seal if they are the same list, and only then: also where a byte
 * moves from one text into the next, a value becomes one of another type with the same bytes, NULL
 * or none. What is the same is decided here, value by value. */
#include "fuzz.h"

#include "token/seal.h"

#include <string.h>

#define MOST   6
#define LENGTH 16 /* of a text, without its NUL */

struct list {
    struct gw_value values[MOST];
    char bytes[MOST][LENGTH + 1];
    size_t n;
};

static const enum gw_type types[] = {GW_TYPE_INT,  GW_TYPE_UINT, GW_TYPE_TIME, GW_TYPE_REAL,
                                     GW_TYPE_BOOL, GW_TYPE_TEXT, GW_TYPE_BLOB};
#define N_TYPES (sizeof(types) / sizeof(types[0]))

/* Gives value `i` a type, with the bytes that it has; a text ends at the first NUL. */
static void set(struct list *list, size_t i, enum gw_type type, bool null, size_t len)
{
    struct gw_value *value = &list->values[i];
    uint64_t number;
    *value = (struct gw_value){.type = type, .null = null};
    memcpy(&number, list->bytes[i], sizeof(number));
    if (type == GW_TYPE_TEXT)
        value->as.text = list->bytes[i];
    else if (type == GW_TYPE_BLOB)
        value->as.blob = (struct gw_bytes){.ptr = (void *)list->bytes[i], .len = len};
    else if (type == GW_TYPE_BOOL)
        value->as.boolean = number & 1;
    else
        value->as.u64 = number;
}

static size_t length_of(const struct gw_value *value)
{
    return value->type == GW_TYPE_BLOB   ? value->as.blob.len
           : value->type == GW_TYPE_TEXT ? strlen(value->as.text)
                                         : sizeof(uint64_t);
}

static const void *bytes_of(const struct gw_value *value)
{
    return value->type == GW_TYPE_BLOB ? (const void *)value->as.blob.ptr : value->as.text;
}

static bool is_same(const struct gw_value *a, const struct gw_value *b)
{
    if (a->type != b->type || a->null != b->null)
        return false;
    if (a->null)
        return true;
    if (a->type == GW_TYPE_BOOL)
        return a->as.boolean == b->as.boolean;
    if (a->type != GW_TYPE_TEXT && a->type != GW_TYPE_BLOB)
        return a->as.u64 == b->as.u64;
    size_t len = length_of(a);
    return len == length_of(b) && (!len || !memcmp(bytes_of(a), bytes_of(b), len));
}

static bool are_same(const struct list *a, const struct list *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = is_same(&a->values[i], &b->values[i]);
    return same;
}

/* A list from the input; where the rest begins. */
static const uint8_t *read_list(const uint8_t *data, const uint8_t *end, struct list *list)
{
    size_t most = data < end ? *data++ % (MOST + 1) : 0;
    memset(list, 0, sizeof(*list));
    for (; list->n < most && end - data >= 2; list->n++) {
        enum gw_type type = types[data[0] % N_TYPES];
        bool null = data[0] & 0x80;
        size_t len = data[1] % (LENGTH + 1);
        data += 2;
        len = len < (size_t)(end - data) ? len : (size_t)(end - data);
        memcpy(list->bytes[list->n], data, len);
        data += len;
        set(list, list->n, type, null, len);
    }
    return data;
}

/* The last byte of text `i` becomes the first of text `j`. */
static void move_byte(struct list *list, size_t i, size_t j)
{
    size_t len = strlen(list->bytes[i]), next = strlen(list->bytes[j]);
    if (i == j || !len || next == LENGTH || list->values[i].type != GW_TYPE_TEXT ||
        list->values[j].type != GW_TYPE_TEXT)
        return;
    memmove(list->bytes[j] + 1, list->bytes[j], next + 1);
    list->bytes[j][0] = list->bytes[i][len - 1];
    list->bytes[i][len - 1] = 0;
}

/* The second list is the first, changed in one way. */
static void change(const struct list *from, unsigned how, unsigned where, struct list *to)
{
    *to = *from;
    for (size_t i = 0; i < to->n; i++)
        set(to, i, from->values[i].type, from->values[i].null, length_of(&from->values[i]));
    if (!to->n)
        return;
    size_t i = where % to->n, j = (i + 1) % to->n;
    struct gw_value kept = to->values[i];
    if (how == 1) {
        to->n--;
    } else if (how == 2) {
        to->values[i].null = !kept.null;
    } else if (how == 3) {
        set(to, i, types[where / MOST % N_TYPES], kept.null, length_of(&kept));
    } else if (how == 4) {
        move_byte(to, i, j);
    } else if (how == 5) {
        to->values[i] = to->values[j];
        to->values[j] = kept;
    }
}

static void compare(const struct gw_seal *seal, const struct list *a, const struct list *b)
{
    unsigned char of_a[GW_SEAL_SIZE], of_b[GW_SEAL_SIZE], old[GW_SEAL_SIZE];
    MUST(gw_seal_values(seal, 0, a->values, a->n, of_a) == 0);
    MUST(gw_seal_values(seal, 0, b->values, b->n, of_b) == 0);
    MUST(gw_seal_values(seal, 1, a->values, a->n, old) == 0);
    MUST(!memcmp(of_a, of_b, sizeof(of_a)) == are_same(a, b));
    MUST(memcmp(of_a, old, sizeof(of_a)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct gw_seal seal;
    const uint8_t *end = data + size;
    struct list first, second;
    if (!seal.n)
        MUST(gw_seal_open(&seal, "0123456789abcdef0123456789abcdef",
                          "abcdef0123456789abcdef0123456789") == 0);
    if (size < 2)
        return 0;
    unsigned how = data[0] % 7, where = data[1];
    data = read_list(data + 2, end, &first);
    if (how == 6)
        read_list(data, end, &second);
    else
        change(&first, how, where, &second);
    compare(&seal, &first, &second);
    return 0;
}

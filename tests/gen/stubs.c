/* stubs.c: the functions of the runtime that generated code calls, so that programs link. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "generated.h"

int gw_entity_find(struct gw_request *req, const struct gw_table *table, int column,
                   const struct gw_value *value, const void **ret_row)
{
    return -1;
}

int gw_entity_insert(struct gw_request *req, const struct gw_table *table, void *row,
                     int *ret_column)
{
    return -1;
}

int gw_entity_update(struct gw_request *req, const struct gw_table *table, const void *row,
                     uint64_t columns)
{
    return -1;
}

int gw_entity_delete(struct gw_request *req, const struct gw_table *table,
                     const struct gw_value *key)
{
    return -1;
}

int gw_entity_list(struct gw_request *req, const struct gw_table *table, int by,
                   const struct gw_value *value, const struct gw_value *after, unsigned limit,
                   const void **ret_rows, size_t *ret_n)
{
    return -1;
}

int gw_entity_each(struct gw_request *req, const struct gw_table *table, int by,
                   const struct gw_value *value,
                   int (*fn)(struct gw_request *req, const void *row, void *data), void *data)
{
    return -1;
}

json_t *gw_entity_json(const struct gw_table *table, const void *row)
{
    return NULL;
}

void gw_entity_write_json(struct gw_writer *writer, const struct gw_table *table, const void *row)
{
}

int gw_statement_one(struct gw_request *req, const struct gw_statement *statement,
                     const struct gw_value *values, const void **ret_row, void *ret_secrets)
{
    return -1;
}

int gw_statement_many(struct gw_request *req, const struct gw_statement *statement,
                      const struct gw_value *values, const void **ret_rows,
                      const void **ret_secrets, size_t *ret_n)
{
    return -1;
}

int gw_statement_each(struct gw_request *req, const struct gw_statement *statement,
                      const struct gw_value *values,
                      int (*fn)(struct gw_request *req, const void *row, void *data), void *data)
{
    return -1;
}

int gw_statement_exec(struct gw_request *req, const struct gw_statement *statement,
                      const struct gw_value *values, uint64_t *ret_n)
{
    return -1;
}

int gw_entity_create_token(struct gw_request *req, const struct gw_table *table, const void *row,
                           const char **ret)
{
    return -1;
}

const void *gw_entity_me(struct gw_request *req, const struct gw_table *table)
{
    return NULL;
}

const char *gw_url_build(struct gw_request *req, size_t route, const union gw_param_value *values)
{
    return NULL;
}

uint64_t gw_table_violated(const struct gw_table *table, int column)
{
    return 0;
}

int gw_entity_find_key(struct gw_request *req, const struct gw_table *table,
                       const struct gw_value *values, const void **ret_row)
{
    return -1;
}

int gw_entity_insert_new(struct gw_request *req, const struct gw_table *table, const void *values,
                         const void *secrets, const void **ret_row, int *ret_column)
{
    return -1;
}

int gw_entity_find_secret(struct gw_request *req, const struct gw_table *table, int column,
                          const struct gw_value *value, const void **ret_row, void *ret_secrets)
{
    return -1;
}

int gw_entity_find_key_secret(struct gw_request *req, const struct gw_table *table,
                              const struct gw_value *values, const void **ret_row,
                              void *ret_secrets)
{
    return -1;
}

int gw_entity_insert_secret(struct gw_request *req, const struct gw_table *table, void *row,
                            const void *secrets, int *ret_column)
{
    return -1;
}

int gw_entity_update_secret(struct gw_request *req, const struct gw_table *table, const void *row,
                            const void *secrets, uint64_t columns)
{
    return -1;
}

/* json.c: see json.h. */
#include "base/json.h"

static void begin(struct json *json, const char *name)
{
    if (json->depth)
        text_printf(json->to, "%s\n%*s", json->filled ? "," : "", 2 * (int)json->depth, "");
    json->filled = true;
    if (!name)
        return;
    text_json_string(json->to, name);
    text_printf(json->to, ": ");
}

void json_open(struct json *json, const char *name, char bracket)
{
    begin(json, name);
    text_add(json->to, &bracket, 1);
    json->depth++;
    json->filled = false;
}

void json_close(struct json *json, char bracket)
{
    json->depth--;
    if (json->filled)
        text_printf(json->to, "\n%*s", 2 * (int)json->depth, "");
    text_printf(json->to, "%c%s", bracket, json->depth ? "" : "\n");
    json->filled = true;
}

void json_text(struct json *json, const char *name, const char *value)
{
    begin(json, name);
    text_json_string(json->to, value);
}

void json_plain(struct json *json, const char *name, const char *value)
{
    begin(json, name);
    text_printf(json->to, "%s", value);
}

/* html.h: text in HTML pages. */
#ifndef GEN_HTML_H
#define GEN_HTML_H

#include "base/text.h"

/* As text, between tags and in attributes in double quotes; `value` is no HTML. */
void html_text(struct text *to, const char *value);

/* A description: a <p> for each paragraph, `code` between backticks, the items of a
 * list on lines of their own, all else as text. */
void html_description(struct text *to, const char *description);

#endif

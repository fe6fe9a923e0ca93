/* lexer.h: the tokens of routes.def. */
#ifndef GEN_LEXER_H
#define GEN_LEXER_H

#include "base/diag.h"
#include "syntax/description.h"

enum token_kind {
    TOKEN_END,
    TOKEN_NEWLINE,
    TOKEN_BAD,      /* reported already */
    TOKEN_NAME,     /* letters of any kind and case, digits and underscores */
    TOKEN_RUNTIME,  /* @name: a handler of the runtime */
    TOKEN_NUMBER,   /* 7, -7, 1.5 */
    TOKEN_QUANTITY, /* 2M, 500ms */
    TOKEN_STRING,   /* `text` is its value */
    TOKEN_PATTERN,  /* a string with other escapes: a regular expression */
    TOKEN_PATH,     /* from a slash to the next blank */
    TOKEN_RANGE,    /* .. */
    TOKEN_LBRACE,
    TOKEN_RBRACE,
    TOKEN_LPAREN,
    TOKEN_RPAREN,
    TOKEN_LBRACKET,
    TOKEN_RBRACKET,
    TOKEN_COMMA,
    TOKEN_SEMICOLON,
    TOKEN_EQUALS,
    TOKEN_PIPE,
    TOKEN_COLON,
    TOKEN_DOT,
    TOKEN_QUESTION,
};

struct token {
    enum token_kind kind;
    struct pos pos;
    const char *text;                /* NUL-terminated */
    struct description *description; /* that stands right above it; NULL: none */
};

struct lexer {
    struct diags *diags;
    const struct source *source;
    const char *cursor;
    bool silent; /* what is read is skipped, behind an error that was reported */
    struct descriptions *descriptions; /* where those that are found go; NULL: they are comments */
    struct description *above;         /* whose lines the cursor is below; NULL: none */
};

/* The next token. What cannot be one is reported, unless the lexer is silent, and is TOKEN_BAD. */
struct token lexer_next(struct lexer *lexer);

#endif

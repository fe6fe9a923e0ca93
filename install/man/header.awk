# A man page of one part of gatewright.h: what stands behind "/* ---- TITLE ----". Without a title, what
# stands before the first part.
#
#   awk -f prose.awk -f header.awk -v page=gw_answer -v title=Answering -v version=0.1.0 gatewright.h
#
# A group is a comment and the declarations below it, up to an empty line. A comment behind a declaration
# on its line belongs to that one.

# The lines of a comment: paragraphs, and code that is set four blanks in.
function comment(text,    n, lines, i, paragraph, code, was_code) {
    n = split(text, lines, "\n")
    for (i = 1; i <= n + 1; i++) {
        if (i <= n && lines[i] ~ /^    /) {
            if (paragraph != "")
                prose(paragraph)
            paragraph = ""
            if (!code)
                print ".Bd -literal -offset indent"
            code = 1
            code_line(substr(lines[i], 5))
            continue
        }
        if (code)
            print ".Ed"
        was_code = code
        code = 0
        if (i > n || lines[i] == "") {
            if (paragraph != "")
                prose(paragraph)
            if (i < n && (paragraph != "" || was_code) && !(lines[i + 1] ~ /^    /))
                print ".Pp"
            paragraph = ""
        } else {
            paragraph = paragraph (paragraph == "" ? "" : " ") lines[i]
        }
    }
}

function literal(text,    n, lines, i) {
    print ".Bd -literal"
    n = split(text, lines, "\n")
    for (i = 1; i < n; i++)
        code_line(lines[i])
    print ".Ed"
}

# "const char *gw_query(struct gw_request *req, const char *name);"
function function_name(text) {
    return text !~ /\{/ && match(text, /gw_[a-z0-9_]*\(/) ? substr(text, RSTART, RLENGTH - 1) : ""
}

function synopsis(text,    name, type, args, n, list, i) {
    name = function_name(text)
    if (name == "")
        return
    type = substr(text, 1, index(text, name "(") - 1)
    args = substr(text, index(text, name "(") + length(name) + 1)
    sub(/\) *__attribute__.*|\);.*/, "", args)
    sub(/ $/, "", type)
    n = split(args, list, /, */)
    print ".Ft \"" type "\""
    printf ".Fo %s\n", name
    for (i = 1; i <= n; i++)
        print ".Fa \"" list[i] "\""
    print ".Fc"
}

function item_of(text) {
    if (function_name(text) != "")
        return "Fn " function_name(text)
    if (match(text, /^#define [A-Z0-9_]+/))
        return "Dv " substr(text, 9, RLENGTH - 8)
    match(text, /^(struct|enum) [a-z0-9_]+/)
    return "Vt " "\"" substr(text, 1, RLENGTH) "\""
}

# One declaration is whole: a line that ends it, or a structure's closing brace.
function add(text, behind) {
    declarations[++n_declarations] = text
    trailing[n_declarations] = behind
}

# The group's items. Those without words of their own come first and share the comment.
function flush_group(    i, shared, items) {
    for (i = 1; i <= n_declarations; i++) {
        synopses[++n_synopses] = declarations[i]
        if (declarations[i] ~ /\{/)
            shared = shared declarations[i] "\n"
    }
    if (n_declarations == 0 && group != "")
        text[++n_text] = "P" group
    for (i = 1; i <= n_declarations; i++) {
        if (trailing[i] != "")
            continue
        if (index(items " ,", item_of(declarations[i]) " ,") == 0) # declared, then defined
            items = items (items == "" ? "" : " , ") item_of(declarations[i])
    }
    if (items != "")
        text[++n_text] = "I" items
    if (n_declarations && group != "")
        text[++n_text] = (items == "" ? "P" : "T") group
    if (shared != "")
        text[++n_text] = "C" shared
    for (i = 1; i <= n_declarations; i++)
        if (trailing[i] != "") {
            text[++n_text] = "I" item_of(declarations[i])
            text[++n_text] = "T" trailing[i]
        }
    n_declarations = 0
    group = ""
}

# Lines of comments without their frame.
function bare(line) {
    sub(/^ *\/\*/, "", line)
    sub(/ *\*\/ *$/, "", line)
    sub(/^ \*/, "", line)
    sub(/^ /, "", line)
    sub(/[ -]*---*$/, "", line)
    return line
}

BEGIN { inside = title == "" }

/^\/\* ---- / {
    flush_group()
    heading = $0
    sub(/^\/\* ---- /, "", heading)
    sub(/ -*( \*\/)?$/, "", heading)
    inside = heading == title
    if (inside)
        found = 1
    in_comment = !/\*\//
    next
}

!inside { next }

# Names of files and guards are no part of the page.
/^#ifndef|^#endif|^#define GATEWRIGHT_H|^#include/ { next }

in_comment {
    group = group (group == "" ? "" : "\n") bare($0)
    in_comment = !/\*\//
    next
}

pending == "" && /^\/\*/ {
    group = bare($0)
    in_comment = !/\*\//
    next
}

pending == "" && /^$/ {
    flush_group()
    next
}

# A declaration, until it is whole.
{
    line = $0
    if (line ~ /^#define.*\\$/) {
        sub(/ *\\$/, "", line)
        pending = line
        continued = 1
        next
    }
    if (continued) {
        continued = line ~ /\\$/
        sub(/ *\\$/, "", line)
        sub(/^ +/, " ", line)
        pending = pending line
        if (continued)
            next
        line = pending
        pending = ""
    }
    if (in_struct || line ~ /\{$/) {
        pending = pending line "\n"
        in_struct = line !~ /^\};/
        if (!in_struct) {
            sub(/\n$/, "", pending)
            add(pending, "")
            pending = ""
        }
        next
    }
    sub(/^ +/, " ", line)
    pending = pending line
    if (pending !~ /;/ && pending !~ /^#define/)
        next
    behind = ""
    if (match(pending, /\/\*.*\*\//)) {
        behind = substr(pending, RSTART + 3, RLENGTH - 6)
        gsub(/ +/, " ", behind)
        pending = substr(pending, 1, RSTART - 1)
    }
    gsub(/ +/, " ", pending)
    sub(/ +$/, "", pending)
    add(pending, behind)
    pending = ""
}

END {
    flush_group()
    if (title != "" && !found) {
        print "header.awk: no part called " title | "cat 1>&2"
        exit 1
    }
    print ".\\\" Made of gatewright.h."
    print ".Dd " date
    print ".Dt " toupper(page) " 3"
    print ".Os Gatewright " version
    print ".Sh NAME"
    n_names = 0
    for (i = 1; i <= n_synopses; i++) {
        name = function_name(synopses[i])
        if (name != "" && name != page)
            names[++n_names] = name
    }
    print ".Nm " page (n_names ? " ," : "")
    for (i = 1; i <= n_names; i++)
        print ".Nm " names[i] (i < n_names ? " ," : "")
    print ".Nd " about
    print ".Sh SYNOPSIS"
    print ".In gatewright.h"
    for (i = 1; i <= n_synopses; i++)
        synopsis(synopses[i])
    print ".Sh DESCRIPTION"
    listed = 0
    for (i = 1; i <= n_text; i++) {
        kind = substr(text[i], 1, 1)
        rest = substr(text[i], 2)
        if (kind == "P" && listed) {
            print ".El"
            listed = 0
        }
        if (kind == "P" && i > 1)
            print ".Pp"
        if (kind == "I" && !listed) {
            print ".Bl -tag -width Ds"
            listed = 1
        }
        if (kind == "I")
            print ".It " rest
        else if (kind == "C")
            literal(rest)
        else
            comment(rest)
    }
    if (listed)
        print ".El"
    print ".Pp"
    print "Programs are compiled and linked with what"
    print ".Ql pkg\\-config \\-\\-cflags \\-\\-libs gatewright"
    print "prints."
    see_also(page ".3")
}

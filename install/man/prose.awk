# What the generators of man pages share: text for roff.

function escaped(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    return text ~ /^[.']/ ? "\\&" text : text
}

# `code` is bold, *emphasis* of Markdown is left out, links are their text.
function marked(text,    n, pieces, i, line) {
    gsub(/\\\|/, "|", text)
    gsub(/\*\*/, "", text)
    while (match(text, /\[[^]]*\]\([^)]*\)/)) {
        line = substr(text, RSTART + 1, RLENGTH - 1)
        sub(/\].*/, "", line)
        text = substr(text, 1, RSTART - 1) line substr(text, RSTART + RLENGTH)
    }
    n = split(text, pieces, "`")
    line = pieces[1]
    gsub(/\\/, "\\e", line)
    gsub(/-/, "\\-", line)
    for (i = 2; i <= n; i++) {
        gsub(/\\/, "\\e", pieces[i])
        gsub(/-/, "\\-", pieces[i])
        line = line (i % 2 ? "\\fP" : "\\fB") pieces[i]
    }
    if (line ~ /^[.']/)
        line = "\\&" line
    return n % 2 ? line : line "\\fP"
}

# A paragraph: each sentence begins a line, so that roff parts them.
function prose(text) {
    text = marked(text)
    while (match(text, /[.:?!] +(\\fB)?[A-Z0-9]/)) {
        print substr(text, 1, RSTART)
        text = substr(text, RSTART + 1)
        sub(/^ +/, "", text)
    }
    if (text != "")
        print text
}

function code_line(text) {
    print text == "" ? "" : escaped(text)
}

function head(page, section, about) {
    print ".Dd " date
    print ".Dt " toupper(page) " " section
    print ".Os Gatewright " version
    print ".Sh NAME"
    print ".Nm " page
    print ".Nd " about
}

# The pages of `pages` ("gw_answer.3 routes.def.5"), without the page itself.
function see_also(self,    n, list, i, out, name) {
    print ".Sh SEE ALSO"
    n = split(pages, list, " ")
    for (i = 1; i <= n; i++)
        if (list[i] != self) {
            name = list[i]
            sub(/\.[0-9]$/, "", name)
            out = out (out == "" ? "" : " ,\n") ".Xr " name " " substr(list[i], length(list[i]))
        }
    print out
}

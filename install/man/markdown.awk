# A man page of some sections ("## TITLE", parted by `|` in `sections`) of Markdown files: paragraphs, lists,
# tables of two columns, and code, set in by four blanks or between fences.

function end_block() {
    if (kind == "text")
        prose(text)
    else if (kind == "code")
        print ".Ed"
    else if (kind == "table" || kind == "list") {
        if (kind == "list")
            prose(text)
        print ".El"
    }
    text = ""
    kind = ""
}

function begin(what, request) {
    if (kind == what)
        return
    end_block()
    if (request != "")
        print request
    else if (!at_head)
        print ".Pp"
    kind = what
    at_head = 0
}

function cell(line, which,    n, cells) {
    gsub(/\\\|/, "\001", line)
    n = split(line, cells, "|")
    line = cells[which + 1]
    gsub(/\001/, "|", line)
    sub(/^ +/, "", line)
    sub(/ +$/, "", line)
    return line
}

BEGIN {
    print ".\\\" Made of Markdown."
    head(page, section, about)
    print ".Sh DESCRIPTION"
    print lead
}

/^#+ / {
    if (fenced) {
        code_line($0)
        next
    }
    end_block()
    title = $0
    sub(/^#+ /, "", title)
    inside = index("|" sections "|", "|" title "|") > 0
    if (inside) {
        print ".Sh " toupper(title)
        at_head = 1
        seen++
    }
    next
}

!inside { next }

/^```/ {
    if (fenced) {
        fenced = 0
        end_block()
    } else {
        begin("code", ".Bd -literal -offset indent")
        fenced = 1
    }
    next
}

fenced {
    code_line($0)
    next
}

/^    / && kind != "list" {
    while (pending_blank > 0 && kind == "code") {
        print ""
        pending_blank--
    }
    pending_blank = 0
    begin("code", ".Bd -literal -offset indent")
    code_line(substr($0, 5))
    next
}

/^$/ {
    if (kind == "code")
        pending_blank++
    else
        end_block()
    next
}

{ pending_blank = 0 }

/^\|[-| ]+\|$/ { next }

/^\| / {
    if (kind != "table") {
        end_block()
        heading = cell($0, 2)
        if (!at_head)
            print ".Pp"
        prose(cell($0, 1) ": " heading)
        print ".Bl -tag -width Ds"
        kind = "table"
        at_head = 0
        next
    }
    item = marked(cell($0, 1))
    gsub(/"/, "\\(dq", item) # in a macro it would begin an argument
    print ".It " item
    prose(cell($0, 2))
    next
}

/^- / {
    if (kind != "list") {
        end_block()
        print ".Bl -bullet"
        kind = "list"
        at_head = 0
    } else {
        prose(text)
    }
    print ".It"
    text = substr($0, 3)
    next
}

{
    line = $0
    sub(/^ +/, "", line)
    if (kind != "list")
        begin("text", "")
    text = text (text == "" ? "" : " ") line
}

END {
    end_block()
    if (seen != split(sections, wanted, "|")) {
        print "markdown.awk: not every section is there: " sections | "cat 1>&2"
        exit 1
    }
    see_also(page "." section)
}

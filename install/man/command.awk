# gatewright(1), made of what the compiler says of itself: `gatewright --help` and the same behind each
# command, which are the input. A help text begins with a line "usage: ".
#
#   for c in '' $COMMANDS; do gatewright $c --help; done | awk -f prose.awk -f command.awk -v version=... -v date=...

function paragraph() {
    if (words != "")
        prose(words)
    words = ""
}

function end_list() {
    paragraph()
    if (listed)
        print ".El"
    listed = 0
}

# The first words behind the command's name, as one would type them.
function usage(text) {
    gsub(/  +\(.*\)/, "", text)
    return escaped(text)
}

BEGIN {
    print ".\\\" Made of the help texts of gatewright."
    head("gatewright", 1, "authorised web back ends in C from one file of routes")
    print ".Sh SYNOPSIS"
    print ".Nm"
    print ".Ar command"
    print ".Op Ar file"
    print ".Op Ar options"
    print ".Sh DESCRIPTION"
    print "Checks"
    print ".Xr routes.def 5"
    print "and writes C."
}

/^usage: / {
    end_list()
    n_usages++
    if (n_usages == 1) {
        print ".Pp"
        print ".Ar file"
        print "is"
        print ".Pa routes.def"
        print "if it is not given."
        next
    }
    if (n_usages == 2)
        print ".Sh COMMANDS"
    line = $0
    sub(/^usage: gatewright /, "", line)
    print ".Ss " $3
    print ".D1 " usage("gatewright " line)
    fresh = 1
    next
}

/^$/ {
    end_list()
    fresh = 1
    next
}

n_usages == 1 && /^[a-z]+:$/ {
    end_list()
    next
}

# "  --name VALUE   what it does"
/^  [^ ]/ {
    end = match(substr($0, 3), /  +/)
    name = end ? substr($0, 3, end - 1) : substr($0, 3)
    if (!end) {
        end_list()
        print ".Dl " escaped(name)
        next
    }
    paragraph()
    if (!listed)
        print ".Bl -tag -width Ds"
    listed = 1
    fresh = 0
    print ".It Cm " escaped(name)
    rest = substr($0, 3 + end)
    sub(/^ +/, "", rest)
    words = rest
    next
}

{
    line = $0
    sub(/^ +/, "", line)
    if (fresh && !listed)
        print ".Pp"
    fresh = 0
    words = words (words == "" ? "" : " ") line
}

END {
    end_list()
    see_also("gatewright.1")
}

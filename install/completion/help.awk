# What `gatewright --help`, and the same behind each command, say of commands and options. The shells'
# generators are read behind this one.
#
#   commands[1..n_commands]   "gen"
#   about[command]            "write routes.h, ..."
#   options[command]          " -o --depfile ... " in their order; options[""] are those of no command
#   value[command, option]    "DIR" where a value stands behind it
#   said[command, option]     what it does
#   words[command]            "nginx lighttpd ..." where one of them stands in front of the file
#   takes_file[command]       a routes.def may be named

function plain(text) {
    gsub(/[`'"$\\]/, "", text)
    return text
}

function add_option(name, argument) {
    if (index(options[current] " ", " " name " "))
        return
    options[current] = options[current] " " name
    value[current, name] = argument
}

function read_usage(text,    n, list, i, last) {
    gsub(/\[|\]/, " ", text)
    gsub(/ \| /, " ", text)
    n = split(text, list, " ")
    for (i = 4; i <= n; i++) {
        if (list[i] ~ /^-/) {
            add_option(list[i], list[i + 1] ~ /^[A-Z]+$/ ? list[i + 1] : "")
            i += list[i + 1] ~ /^[A-Z]+$/
        } else if (list[i] == "FILE") {
            takes_file[current] = 1
        } else if (i == 4 && list[i] == "METHOD") {
            words[current] = "GET POST PUT PATCH DELETE"
        } else if (i == 4 && index(list[i], "|")) {
            words[current] = list[i]
            gsub(/\|/, " ", words[current])
        }
    }
}

/^usage: / {
    n_usages++
    current = n_usages > 1 ? $3 : ""
    part = ""
    if (n_usages > 1)
        read_usage($0)
    next
}

/^(commands|options):$/ { part = $1 }

/^  [a-z]/ && n_usages == 1 && part == "commands:" {
    commands[++n_commands] = $1
    name = $1
    sub(/^ +[a-z]+ +/, "")
    about[name] = plain($0)
}

/^  -/ {
    name = $1
    argument = $2 ~ /^[A-Z]+$/ && $0 !~ /^  [^ ]+  / ? $2 : ""
    sub(/^  [^ ]+( [A-Z]+)? +/, "")
    sub(/[;,:(].*/, "")
    sub(/ +$/, "")
    if (n_usages == 1 && name == "-Werror")
        werror = plain($0) # stands behind most commands
    else
        add_option(name, argument)
    said[current, name] = plain($0)
}

function description(command, option) {
    return option == "-Werror" ? werror : said[command, option]
}

# "directory", "file", "other", or "" for an option without a value.
function kind_of(command, option,    what) {
    what = value[command, option]
    if (what == "")
        return ""
    return what == "DIR" ? "directory" : what ~ /^(DEPFILE|LOCKFILE|PROGRAM|PATH)$/ ? "file" : "other"
}

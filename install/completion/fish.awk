# The completion of fish, of what help.awk has read.
function option_of(name) {
    return name ~ /^--/ ? "-l " substr(name, 3) : length(name) == 2 ? "-s " substr(name, 2) : "-o " substr(name, 2)
}

END {
    print "# gatewright(1): completion for fish. Made of the compiler's own help."
    print "complete -c gatewright -f"
    n = split(options[""], list, " ")
    for (j = 1; j <= n; j++)
        printf "complete -c gatewright -n __fish_use_subcommand %s -d '%s'\n", option_of(list[j]), description("", list[j])
    for (i = 1; i <= n_commands; i++) {
        c = commands[i]
        printf "complete -c gatewright -n __fish_use_subcommand -a %s -d '%s'\n", c, about[c]
        of = "complete -c gatewright -n '__fish_seen_subcommand_from " c "'"
        n = split(options[c], list, " ")
        for (j = 1; j <= n; j++) {
            kind = kind_of(c, list[j])
            more = kind == "directory" ? " -x -a '(__fish_complete_directories)'" : kind == "file" ? " -r -F" : kind == "other" ? " -x" : ""
            printf "%s %s%s -d '%s'\n", of, option_of(list[j]), more, description(c, list[j])
        }
        if (words[c] != "")
            printf "%s -a '%s'\n", "complete -c gatewright -n '__fish_seen_subcommand_from " c "; and test (count (commandline -opc)) = 2'", words[c]
        if (takes_file[c])
            printf "%s -a '(__fish_complete_directories; set -l begun (commandline -ct); for file in $begun*.def; echo $file; end)'\n", of
    }
}

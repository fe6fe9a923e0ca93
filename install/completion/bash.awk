# The completion of bash, of what help.awk has read.
END {
    print "# gatewright(1): completion for bash. Made of the compiler's own help."
    print "_gatewright()\n{"
    print "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}"
    print "    local options='' words='' file=''"
    print "    COMPREPLY=()"
    print "    if [ \"$COMP_CWORD\" = 1 ]; then"
    list = ""
    for (i = 1; i <= n_commands; i++)
        list = list (i > 1 ? " " : "") commands[i]
    print "        mapfile -t COMPREPLY < <(compgen -W '" list options[""] "' -- \"$cur\")"
    print "        return\n    fi"
    print "    case ${COMP_WORDS[1]} in"
    for (i = 1; i <= n_commands; i++) {
        c = commands[i]
        printf "    %s) options='%s --help' words='%s' file=%s ;;\n", c, substr(options[c], 2), words[c], takes_file[c] ? "yes" : ""
    }
    print "    *) return ;;\n    esac"
    print "    case ${COMP_WORDS[1]}${prev} in"
    for (i = 1; i <= n_commands; i++) {
        c = commands[i]
        n = split(options[c], list_of, " ")
        for (j = 1; j <= n; j++) {
            kind = kind_of(c, list_of[j])
            if (kind == "")
                continue
            flag = kind == "directory" ? "-d" : "-f"
            printf "    %s%s) %s return ;;\n", c, list_of[j], kind == "other" ? ":;" : "compopt -o filenames; mapfile -t COMPREPLY < <(compgen " flag " -- \"$cur\");"
        }
    }
    print "    esac"
    print "    if [[ $cur == -* ]]; then"
    print "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")"
    print "    elif [ -n \"$words\" ] && [ \"$COMP_CWORD\" = 2 ]; then"
    print "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")"
    print "    elif [ -n \"$file\" ]; then"
    print "        compopt -o filenames"
    print "        mapfile -t COMPREPLY < <(compgen -f -X '!*.def' -- \"$cur\"; compgen -d -- \"$cur\")"
    print "    fi\n}"
    print "complete -F _gatewright gatewright"
}

# The completion of zsh, of what help.awk has read.
function in_brackets(text) {
    gsub(/\[|\]|:/, " ", text)
    return text
}

END {
    print "#compdef gatewright"
    print "# gatewright(1): completion for zsh. Made of the compiler's own help."
    print "local curcontext=\"$curcontext\" state line"
    print "typeset -A opt_args"
    print "local -a commands"
    print "commands=("
    for (i = 1; i <= n_commands; i++) {
        text = about[commands[i]]
        gsub(/:/, "\\:", text)
        printf "    '%s:%s'\n", commands[i], text
    }
    print ")"
    printf "_arguments -C"
    n = split(options[""], list, " ")
    for (j = 1; j <= n; j++)
        printf " '(- *)%s[%s]'", list[j], in_brackets(description("", list[j]))
    print " '1:command:->command' '*::argument:->argument'"
    print "case $state in"
    print "command) _describe command commands ;;"
    print "argument)"
    print "    case $words[1] in"
    for (i = 1; i <= n_commands; i++) {
        c = commands[i]
        printf "    %s) _arguments '(- *)--help[what it does]'", c
        n = split(options[c], list, " ")
        for (j = 1; j <= n; j++) {
            kind = kind_of(c, list[j])
            action = kind == "directory" ? "_files -/" : kind == "file" ? "_files" : ""
            if (list[j] != "--help")
                printf " '%s[%s]%s'", list[j], in_brackets(description(c, list[j])), kind == "" ? "" : ":" value[c, list[j]] ":" action
        }
        if (words[c] != "")
            printf " '1: :(%s)'", words[c]
        if (takes_file[c])
            printf " '*:file:_files -g \"*.def\"'"
        print " ;;"
    }
    print "    esac ;;"
    print "esac"
}

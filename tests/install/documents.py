#!/usr/bin/python3
"""Man pages, completions and the vim files: as the programs that read them see them, and compared with the
compiler, its parser and the header.

    documents.py GATEWRIGHT MADE SOURCE

MADE is the build folder of install/, with the generated files."""
import glob
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time

GATEWRIGHT, MADE, SOURCE = (os.path.realpath(path) for path in sys.argv[1:4])
top = tempfile.TemporaryDirectory(prefix="gatewright-documents.")
PAGES = sorted(glob.glob(MADE + "/*.[1-9]"))


def run(*command, **more):
    return subprocess.run(command, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, **more)


def text(path):
    with open(path) as f:
        return f.read()


HEADERS = text(SOURCE + "/runtime/gatewright.h") + text(SOURCE + "/runtime/forms.h")


# ---- What the compiler takes, asked of the compiler --------------------------------------------------


def takes(command, option):
    """The compiler names the first option that it does not know."""
    said = run(GATEWRIGHT, command, option, "v", "--not-there", cwd=top.name).stderr
    assert "unknown option" in said, said
    return "unknown option %s\n" % option not in said


COMMANDS = re.findall(r'\.name = "([a-z]+)"', text(SOURCE + "/gen/main.c"))
NAMES = set(re.findall(r'\{"(-[A-Za-z0-9-]+)",', text(SOURCE + "/gen/main.c")))
TAKEN = {command: {option for option in NAMES if takes(command, option)} for command in COMMANDS}
SERVERS = ["apache", "caddy", "haproxy", "lighttpd", "nginx", "systemd"]


def test_the_compiler_takes_what_is_compared_here():
    assert len(COMMANDS) >= 11 and len(NAMES) >= 25
    assert TAKEN["fmt"] == {"--check", "--stdout"}, TAKEN["fmt"]
    for server in SERVERS:
        assert run(GATEWRIGHT, "conf", server, SOURCE + "/routes.def").returncode == 0


# ---- Man pages ---------------------------------------------------------------------------------------


def rendered(page):
    """As man(1) shows it, which complains of nothing."""
    done = run("man", "--warnings", "--no-hyphenation", "--no-justification", "-E", "UTF-8", "-l", page, env=dict(os.environ, LC_ALL="C.UTF-8", MANWIDTH="80",
                                                                    MANPAGER="cat", PAGER="cat"))
    assert done.returncode == 0 and not done.stderr, (page, done.stderr)
    return re.sub(".\b", "", done.stdout).replace("‐", "-").replace("−", "-")


def test_man_pages_are_read_without_a_complaint():
    assert len(PAGES) == 17, PAGES
    for page in PAGES:
        done = run("mandoc", "-T", "lint", "-W", "warning", page)
        assert done.returncode == 0 and not done.stdout + done.stderr, done.stdout
        assert len(rendered(page)) > 500, page


def test_pages_that_pages_refer_to_are_there():
    names = {os.path.basename(page) for page in PAGES}
    for page in PAGES:
        for name, section in re.findall(r"^\.Xr (\S+) (\d)", text(page), re.M):
            assert "%s.%s" % (name, section) in names, (page, name)


def test_gatewright_1_has_each_command_with_the_options_that_it_takes():
    parts = re.split(r"\n   ([a-z]+)\n", rendered(MADE + "/gatewright.1"))
    shown = dict(zip(parts[1::2], parts[2::2]))
    assert sorted(shown) == sorted(COMMANDS)
    for command, part in shown.items():
        part = part.partition("SEE ALSO")[0]
        usage = part.partition("\n\n")[0]
        found = set(re.findall(r"(?<![\w-])-[A-Za-z0-9-]+", usage))
        found |= set(re.findall(r"^     (-[a-zA-Z0-9-]+)", part, re.M))
        assert found - {"--help"} == TAKEN[command], (command, found ^ TAKEN[command])


def test_each_function_of_the_header_stands_in_one_page():
    prototypes = set(re.findall(r"^\S.*?\b(gw_\w+)\(", HEADERS, re.M))
    prototypes = {p for p in prototypes if "*%s)" % p not in HEADERS}
    assert len(prototypes) > 60
    pages = {page: set(re.findall(r"^\.Fo (gw_\w+)", text(page), re.M)) for page in PAGES if page.endswith(".3")}
    for name in prototypes:
        assert sum(name in of for of in pages.values()) == 1, name
    for page, names in pages.items():
        named = set(re.findall(r"^\.Nm (\w+)", text(page), re.M))
        assert names <= named | {os.path.basename(page)[:-2]}, page


def test_words_of_the_header_stand_in_its_pages():
    """Every comment, word by word."""
    shown = " ".join(rendered(page) for page in PAGES if page.endswith(".3"))
    shown = re.sub(r"\W+", " ", re.sub(r"-\n\s*", "-", shown))
    for comment in re.findall(r"/\*(.*?)\*/", HEADERS, re.S):
        if comment.startswith(" ----") or "\n *     " in comment:
            continue
        words = re.sub(r"\W+", " ", re.sub(r"\n\s*\*", " ", comment)).strip()
        assert words in shown, words


# ---- Completions -------------------------------------------------------------------------------------

os.makedirs(top.name + "/there/folder")
for name in ("mine.def", "other.c"):
    open("%s/there/%s" % (top.name, name), "w").close()


def bash(line):
    words = " ".join("'%s'" % w for w in line.split(" "))
    script = "source '%s/gatewright'; COMP_WORDS=(%s); COMP_CWORD=%d; _gatewright; printf '%%s\\n' \"${COMPREPLY[@]}\"" % (
        MADE, words, line.count(" "))
    return set(run("bash", "--norc", "-c", script, cwd=top.name + "/there").stdout.split())


def fish(line):
    done = run("fish", "--no-config", "-c", "source '%s/gatewright.fish'; complete -C'%s'" % (MADE, line),
               cwd=top.name + "/there", env=dict(os.environ, HOME=top.name))
    assert not done.stderr, done.stderr
    return {shown.split("\t")[0] for shown in done.stdout.splitlines()}


ZSHRC = """fpath=('%s' $fpath)
PROMPT='' RPS1='' LISTMAX=10000
autoload -Uz compinit && compinit -u -d "$ZDOTDIR/dump"
zstyle ':completion:*' insert-tab false
compadd() {
    if (( ${@[(I)-(O|A|D)]} )); then builtin compadd "$@"; return; fi
    local -a hits
    builtin compadd -A hits "$@"
    print -rl -- "<hit>"${^hits}"</hit>"
    builtin compadd "$@"
}
ended() { print '<end>' }
comppostfuncs=(ended)
print '<ready>'
"""


def read_until(fd, mark):
    seen, deadline = b"", time.monotonic() + 30
    while mark not in seen:
        assert time.monotonic() < deadline, seen
        if select.select([fd], [], [], 1)[0]:
            seen += os.read(fd, 65536)
    return seen.decode()


def zsh(line):
    """In a terminal, with the tabulator key."""
    with open(top.name + "/.zshrc", "w") as f:
        f.write(ZSHRC % MADE)
    child, fd = pty.fork()
    if child == 0:
        os.chdir(top.name + "/there")
        os.execvpe("zsh", ["zsh", "-d", "-i"], dict(os.environ, ZDOTDIR=top.name, TERM="dumb"))
    try:
        read_until(fd, b"<ready>")
        os.write(fd, line.encode() + b"\t")
        shown = read_until(fd, b"<end>")
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(fd)
    return set(re.findall(r"<hit>(.*?)</hit>", shown))


def is_completed(shell, slash=""):
    assert {c for c in shell("gatewright ") if not c.startswith("-")} == set(COMMANDS), shell("gatewright ")
    assert {"gen"} == shell("gatewright ge")
    assert set(SERVERS) <= shell("gatewright conf "), shell("gatewright conf ")
    assert {"mine.def", "folder" + slash} <= shell("gatewright check "), shell("gatewright check ")
    assert "other.c" not in shell("gatewright check ")
    assert "folder" + slash in shell("gatewright gen -o ") and "mine.def" not in shell("gatewright gen -o ")
    assert "other.c" in shell("gatewright check --lock-file ")
    for command in COMMANDS:
        found = {o for o in shell("gatewright %s -" % command) if o.startswith("-")} - {"--help", "-h"}
        assert found == TAKEN[command], (command, found ^ TAKEN[command])


def test_bash_completes_what_the_compiler_takes():
    is_completed(bash)


def test_zsh_completes_what_the_compiler_takes():
    is_completed(zsh)


def test_fish_completes_what_the_compiler_takes():
    is_completed(fish, "/")


# ---- Vim ---------------------------------------------------------------------------------------------

VIM = ["vim", "-n", "-es", "-u", "NONE", "-i", "NONE", "-N", "--cmd", "set runtimepath^=%s/install/vim" % SOURCE,
       "-c", "filetype plugin on | syntax on | set synmaxcol=0"]


def vim(script, *files, status=0):
    """What the script has written into `said`."""
    path = top.name + "/script.vim"
    with open(path, "w") as f:
        f.write("let g:said = []\n" + script + "\nif v:errmsg != '' | call add(g:said, v:errmsg) | endif\ncall writefile(g:said, '%s/said')\nqall!\n" % top.name)
    done = run(*VIM, "-c", "source " + path, *files, timeout=600)
    assert done.returncode == status, text(top.name + '/said')[-600:]
    return text(top.name + "/said").splitlines()


def examples():
    """The language in docs, and every accepted case."""
    blocks = re.findall(r"^```routes\n(.*?)^```", text(SOURCE + "/gen/README.md"), re.M | re.S)
    assert len(blocks) > 10
    files = []
    for i, block in enumerate(blocks):
        files.append("%s/example%d/routes.def" % (top.name, i))
        os.makedirs(os.path.dirname(files[-1]))
        with open(files[-1], "w") as f:
            f.write(block)
    cases = glob.glob(SOURCE + "/tests/gen/ok/*/routes.def")
    assert len(cases) > 40
    return files + cases + [SOURCE + "/routes.def", SOURCE + "/install/template/routes.def"]


def test_vim_gives_every_token_a_group():
    files = examples()
    bare = vim("""
for file in %r
  execute 'silent edit' fnameescape(file)
  call add(g:said, 'file ' . &filetype)
  for row in range(1, line('$'))
    let line = getline(row)
    for column in range(1, strlen(line))
      if line[column - 1] !~# '[ \\t\\r]' && synIDattr(synID(row, column, 1), 'name') !~# '^routes'
        call add(g:said, file . ':' . row . ':' . column . ': ' . strpart(line, column - 1, 20))
        break
      endif
    endfor
  endfor
endfor""" % files)
    assert bare.count("file routes") == len(files), bare[:10]
    # A byte order mark is no token.
    wrong = [said for said in bare if said != "file routes" and "\ufeff" not in said]
    assert not wrong, "\n".join(wrong[:20])


def test_vim_knows_words_where_they_are_words():
    path = top.name + "/routes.def"
    with open(path, "w") as f:
        f.write('prefix /v1 # a comment\nentity users { key int key; text text max 9 }\n'
                'PUT /a/{id:int} guest|users put_it(form page) own users(id = {id}) limit 2M scope "a:b"\n')
    wanted = {"1 prefix": "Statement", "1 /v1": "Path", "1 comment": "Comment", "2 users": "Name", "2 key int": "Member",
              "2 int": "Type", "2 key;": "Modifier", "2 text text": "Member", "2 9": "Number", "3 PUT": "Method",
              "3 /a": "Path", "3 int}": "ParameterType", "3 guest": "Access", "3 put_it": "Name", "3 form": "Input",
              "3 own": "Attribute", "3 2M": "Quantity", '3 "a:b"': "String"}
    lines = text(path).splitlines()
    places = [(int(w[0]), lines[int(w[0]) - 1].index(w[2:]) + 1) for w in wanted]
    said = vim("execute 'silent edit' '%s'\n" % path + "\n".join(
        "call add(g:said, synIDattr(synID(%d, %d, 1), 'name'))" % place for place in places))
    assert said == ["routes" + group for group in wanted.values()], list(zip(wanted, said))


def words_of_the_language():
    grammar = re.search(r"```ebnf\n(.*?)```", text(SOURCE + "/gen/README.md"), re.S).group(1)
    words = set(re.findall(r'"([A-Za-z][A-Za-z_]*)"', grammar)) - {"K", "M", "G", "ms", "s", "m"}
    parsed = set()
    for source in glob.glob(SOURCE + "/gen/syntax/*.c"):
        parsed |= set(re.findall(r'_word\(parser, "([a-z_]+)"\)', text(source)))
    parsed -= {"shared"}  # which is refused, with a sentence
    assert len(parsed) > 20 and parsed <= words, parsed - words
    assert len(words) > 60
    return words


def test_vim_and_the_manual_know_every_word_of_the_language():
    syntax = set(re.findall(r"\w+", text(SOURCE + "/install/vim/syntax/routes.vim")))
    manual = re.search(r"## The words(.*?)\n## ", text(SOURCE + "/docs/language.md"), re.S).group(1)
    manual = set(re.findall(r"\w+", " ".join(re.findall("`([^`]*)`", manual))))
    for word in words_of_the_language():
        assert word in syntax, "vim: " + word
        assert word in manual, "manual: " + word


def test_vim_makes_a_list_of_the_compiler_s_errors():
    path = top.name + "/wrong.def"
    with open(path, "w") as f:
        f.write("# routes.def\nGET / ignored home\nGET /a nobody home\n")
    script = """
execute 'silent edit' '%s'
let $PATH = '%s:' . $PATH
silent make
for item in getqflist()
  call add(g:said, item.type . ' ' . item.lnum . ' ' . item.col . ' ' . item.text)
endfor
call add(g:said, &commentstring)""" % (path, os.path.dirname(GATEWRIGHT))
    said = vim(script)
    assert said[0].startswith("e 3 8 `nobody` is not an entity") and said[-1] == "# %s", said


for name, test in list(globals().items()):
    if name.startswith("test_"):
        begun = time.monotonic()
        test()
        print("%5.1f s  %s" % (time.monotonic() - begun, name[5:].replace("_", " ")), flush=True)

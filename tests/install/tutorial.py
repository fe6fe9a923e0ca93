"""docs/tutorial.md, as a person with two terminals does it.

A block of the text is commands, each with the lines that it prints behind `->`, or a piece of code. A piece goes where the
text says: a declaration or a route into routes.def and a function into handlers.c, in place of the one of that
name where there is one, and expectations into test.c. `gatewright dev` is in a terminal of its own (a pty)."""
import os
import re
import subprocess
import time

from program import free_port
from session import Session

END = "--- the block has ended ---"


def blocks_of(text):
    found = re.findall(r"(?:^    .*\n|^\n(?=    ))+", text, re.M)
    return [re.sub("^    ", "", block.strip("\n") + "\n", flags=re.M) for block in found]


# ---- Pieces of code -------------------------------------------------------------------------

def declarations_of(block):
    """[(what it is called, its lines)]: a table or a body up to its brace, a route on its line."""
    return [(re.match(r"(?:(?:table|body)\s+\w+|[A-Z]+\s+\S+)", one)[0].split(), one)
            for one in re.findall(r"(?ms)^(?:\w+ \w+ \{$.*?^\}|[^\n]+)\n", block)]


def put_declaration(text, name, declaration):
    start = r"(?m)^" + r"\s+".join(map(re.escape, name)) + r"\s"
    at = re.search(start, text)
    if not at:
        return text + declaration
    end = re.compile(r"(?m)^\}\n" if re.match(r"[^\n]*\{$", text[at.start():], re.M) and
                     text[at.start():].split("\n")[0].endswith("{") else r"\n").search(text, at.end()).end()
    return text[:at.start()] + declaration + text[end:]


def put_function(text, function):
    name = re.match(r"int (\w+)\(", function)[1]
    at = re.search(r"(?ms)^int %s\(.*?^\}\n" % name, text)
    return text[:at.start()] + function + text[at.end():] if at else text + "\n" + function


def change(path, edit):
    text = open(path).read()
    open(path, "w").write(edit(text))


# ---- The two terminals ------------------------------------------------------------------------

class Shell:
    """The first terminal: one bash, which stays where a command has left it."""

    def __init__(self, folder, env):
        self.process = subprocess.Popen(["bash"], cwd=folder, env=env, text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, command):
        """Its status, and what it printed."""
        self.process.stdin.write("%s\necho; echo '%s' $?\n" % (command, END))
        self.process.stdin.flush()
        said = []
        for line in self.process.stdout:
            if line.startswith(END):
                return int(line.split()[-1]), "".join(said)
            said.append(line)
        raise AssertionError("the shell has ended: " + "".join(said))

    def end(self):
        self.process.stdin.close()
        self.process.wait(30)


def commands_of(block):
    """[(command, what it prints or None)]; a here-document is one command."""
    found = []
    for line in block.splitlines():
        if line.startswith("-> "):
            found[-1][1] = line[3:]
        elif found and "<<END" in found[-1][0] and not found[-1][0].endswith("\nEND"):
            found[-1][0] += "\n" + line
        else:
            found.append([line, None])
    return found


def is_as_told(said, told):
    return told is None or re.fullmatch(".*?".join(map(re.escape, told.split("..."))), said.strip(), re.S)


class Walk:
    def __init__(self, folder, gatewright, env):
        self.folder, self.gatewright, self.env = folder, gatewright, env
        self.shell, self.dev, self.answered = Shell(folder, env), None, 0
        self.n_commands = self.n_pieces = 0

    def answer_dev(self):
        """It asks before it changes its database."""
        if self.dev and (question := re.compile(r"apply this\? \[y/N\]").search(self.dev.read(), self.answered)):
            self.answered = question.end()
            self.dev.press("y")

    def type(self, command, told):
        """A program that is built anew, or has just been started, may not be there yet."""
        end = time.monotonic() + 90
        while True:
            self.answer_dev()
            status, said = self.shell.run(command)
            if status == 0 and is_as_told(said, told):
                break
            again = command.startswith("curl") and "POST" not in command and " -d " not in command or self.is_building(said)
            assert again and time.monotonic() < end, "%s\n-> %s\nnot: %s\n%s" % (
                command, said, told, self.dev.said[-3000:] if self.dev else "")
            time.sleep(0.3)
        self.n_commands += 1

    def is_building(self, said):
        return not said.strip() or '"status":404' in said or '"status":405' in said or "503" in said

    def do(self, block):
        notes = self.folder + "/notes"
        if re.match(r"(table|body) |[A-Z]+ +/", block):
            for name, declaration in declarations_of(block):
                change(notes + "/routes.def", lambda text: put_declaration(text, name, declaration))
        elif block.startswith("int "):
            change(notes + "/handlers.c", lambda text: put_function(text, block))
        elif block.startswith("expect("):
            change(notes + "/test.c", lambda text: text.replace("    gw_test_close(", block + "    gw_test_close("))
        elif block.startswith("gatewright dev"):
            self.dev = Session(self.gatewright, notes, self.folder, *block.split()[2:], env=self.env)
            return
        else:
            for command, told in commands_of(block):
                self.type(command, told)
            return
        self.n_pieces += 1

    def end(self):
        self.shell.end()
        if self.dev:
            self.dev.quit()


def walk(source, folder, gatewright, env):
    """All of it; how many commands were typed and how many pieces of code put."""
    text = open(source + "/docs/tutorial.md").read()
    for port in ("8080", "8081"):
        text = text.replace(port, str(free_port()))
    person = Walk(folder, gatewright, env)
    try:
        for block in blocks_of(text):
            person.do(block)
    finally:
        person.end()
    return person.n_commands, person.n_pieces

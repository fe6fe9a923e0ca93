"""Projects for `gatewright dev`: made once by `gatewright init --make`, copied for each test."""
import contextlib
import http.client
import os
import shutil
import subprocess
import tempfile

from program import wait_for
from session import Session

GATEWRIGHT = os.environ["DEV_GATEWRIGHT"]
FULL = bool(os.environ.get("TESTS_FULL"))
SERVERS = ["nginx", "lighttpd", "caddy", "apache2"]

os.environ["PATH"] = os.path.dirname(GATEWRIGHT) + ":" + os.environ["PATH"]
os.environ["PKG_CONFIG_PATH"] = os.environ["DEV_PKG_CONFIG"]
top = tempfile.TemporaryDirectory(prefix="gatewright-dev-test.")

ECHO = """
int echo(struct gw_request *req, const struct new_note_body *body)
{
    return gw_text(req, 200, body->text);
}
"""


def base(option):
    folder = "%s/base%s" % (top.name, option)
    if not os.path.exists(folder):
        done = subprocess.run([GATEWRIGHT, "init", "notes", option], cwd=top.name, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, done.stdout
        os.rename(top.name + "/notes", folder)
        if option == "--meson":  # it knows where it lies
            shutil.rmtree(folder + "/build")
    return folder


class Project:
    """A folder of its own, and one for what is temporary."""

    def __init__(self, option="--make"):
        self.folder = tempfile.mkdtemp(prefix="project.", dir=top.name)
        self.scratch = tempfile.mkdtemp(prefix="scratch.", dir=top.name)
        shutil.copytree(base(option), self.folder, dirs_exist_ok=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        return open(self.path(name)).read()

    def write(self, name, text):
        open(self.path(name), "w").write(text)

    def replace(self, name, old, new):
        text = self.read(name)
        assert old in text, (name, old)
        self.write(name, text.replace(old, new, 1))

    def given_to(self, user):
        """What runs a command as a user whose the project now is."""
        for folder in (self.folder, self.scratch):
            subprocess.run(["chown", "-R", user, folder], check=True)
        os.chmod(top.name, 0o755)
        return ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"]

    def session(self, *arguments, **options):
        return Session(GATEWRIGHT, self.folder, self.scratch, *arguments, **options)

    @contextlib.contextmanager
    def serving(self, *arguments, **options):
        """A session whose program serves; nothing is left of it afterwards."""
        with self.session(*arguments, **options) as session:
            session.wait("serving; built", 60)
            session.port
            yield session
            if session.process.poll() is None:
                session.process.terminate()
                session.ended()
            session.assert_nothing_left()

    def fails(self, *arguments, **options):
        """A session that ends by itself with exit status 1: what it says."""
        with self.session(*arguments, **options) as session:
            assert session.ended() == 1, session.said
            session.assert_nothing_left()
            return session.said


def only(server):
    """What hides all other web servers from a command; needs root."""
    hidden = [path for name in SERVERS if name != server and (path := shutil.which(name, path="/usr/sbin:/usr/bin"))]
    return ["unshare", "-m", "sh", "-c",
            "".join("mount --bind /dev/null %s && " % path for path in hidden) + 'exec "$@"', "sh"]


def ask(port, method, path, body=None, headers=None):
    """(status, text)"""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def get(port, path="/"):
    return ask(port, "GET", path)


def form(port, path, body, **headers):
    """As the page of /-/dev sends it; `headers` replace its own (None: left out)."""
    own = {"Origin": "http://127.0.0.1:%d" % port, "Content-Type": "application/x-www-form-urlencoded"}
    own.update({name.replace("_", "-"): value for name, value in headers.items()})
    return ask(port, "POST", path, body, {k: v for k, v in own.items() if v is not None})


def served(port, text, seconds=30):
    wait_for("`%s` is served" % text, lambda: text in get(port)[1], seconds)


HOOK = """
#include <unistd.h>
#include <stdlib.h>
#include <signal.h>
static int start(struct gw_program *program, void **data)
{
    %s
    return 0;
}
static const struct gw_hooks hooks = {.start = start};
"""


def with_start(project, text):
    main = project.read("main.c")
    return main.replace('#include "routes.h"\n', '#include "routes.h"\n' + HOOK % text).replace(", NULL)", ", &hooks)")

"""A site for the tests of this folder: a program, and a web server in front of it, each a real one.

Everything lies in a temporary folder and listens on 127.0.0.1 or on sockets in that folder; what a
site has started it ends by its process id."""
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SECRET = "operating-secret-of-more-than-32-bytes"
PROGRAM = os.environ["E2E_PROGRAM"]
GATEWRIGHT = os.environ["E2E_GATEWRIGHT"]
ROUTES = os.environ["E2E_ROUTES"]
VIDEOS = os.environ["E2E_VIDEOS"]
FULL = bool(os.environ.get("TESTS_FULL"))
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SENDFILE = {"nginx": "x-accel:/gatewright-files/", "lighttpd": "x-sendfile"}

_libc = ctypes.CDLL(None)


def die_with_parent():
    _libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def adopt_orphans():
    """What a process that ends leaves behind (spawn-fcgi does) becomes our child."""
    _libc.prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, condition, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.02)
    sys.exit("%s: not within %d s" % (what, seconds))


def is_listening(path):
    """Without a connection, which would start what waits for one."""
    return any(f[3] == "00010000" and f[-1] == path
               for f in (line.split() for line in open("/proc/net/unix")))


def waits_for_signals(pid):
    """Whether the program has come so far that a signal does not simply kill it."""
    blocked = [l for l in open("/proc/%d/status" % pid) if l.startswith("SigBlk")]
    return int(blocked[0].split()[1], 16) & (1 << (signal.SIGUSR2 - 1))


def listener(path):
    """A socket that outlives the program: what a supervisor keeps."""
    s = socket.socket(socket.AF_UNIX)
    s.bind(path)
    os.chmod(path, 0o666)
    s.listen(1024)
    return s


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        values = [v for n, v in self.headers if n == name.lower()]
        return values[0] if values else None


class Client:
    """HTTP/1.1 over a kept connection; requests are bytes, sent as they stand."""

    def __init__(self, port, timeout=20):
        self.port, self.timeout, self.peer, self.stream = port, timeout, None, None

    def close(self):
        if self.peer:
            self.stream.close()
            self.peer.close()
        self.peer = None

    def _connect(self):
        self.peer = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        self.peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.peer.makefile("rb")

    def _line(self):
        line = self.stream.readline(65536)
        if not line.endswith(b"\n"):
            raise ConnectionError("the answer is cut off")
        return line.rstrip(b"\r\n")

    def _headers(self):
        headers = []
        while line := self._line():
            name, _, value = line.decode("latin-1").partition(":")
            headers.append((name.lower(), value.strip()))
        return headers

    def _exactly(self, n):
        data = self.stream.read(n)
        if len(data) != n:
            raise ConnectionError("the body is cut off")
        return data

    def _chunks(self):
        body = b""
        while n := int(self._line().split(b";")[0], 16):
            body += self._exactly(n)
            self._line()
        self._headers()
        return body

    def _answer(self, head):
        status_line = self._line().decode("latin-1")
        if not status_line.startswith("HTTP/1."):
            raise ConnectionError("no HTTP: %r" % status_line[:80])
        status = int(status_line.split()[1])
        answer = Answer(status, self._headers(), b"")
        length = answer.header("content-length")
        ends = (answer.header("connection") or "").lower() == "close"
        if head or status in (204, 304) or status < 200:
            pass
        elif (answer.header("transfer-encoding") or "").lower() == "chunked":
            answer.body = self._chunks()
        elif length is not None:
            answer.body = self._exactly(int(length))
        else:
            answer.body, ends = self.stream.read(), True
        if ends or status_line.startswith("HTTP/1.0"):
            self.close()
        return answer

    def raw(self, request, head=False):
        """Sends bytes; what a server closed meanwhile is opened again, once."""
        fresh = not self.peer
        if fresh:
            self._connect()
        try:
            self.peer.sendall(request)
            return self._answer(head)
        except (ConnectionError, OSError):
            self.close()
            if fresh:
                raise
        return self.raw(request, head)

    def request(self, method, target, headers=(), body=None, token=None):
        lines = ["%s %s HTTP/1.1" % (method, target), "Host: 127.0.0.1"]
        lines += ["%s: %s" % h for h in headers]
        if token:
            lines.append("Authorization: Bearer " + token)
        if body is not None:
            lines.append("Content-Length: %d" % len(body))
        elif method in ("POST", "PUT", "PATCH"):
            lines.append("Content-Length: 0")
        text = "\r\n".join(lines + ["", ""]).encode("utf-8", "surrogateescape")
        return self.raw(text + (body or b""), method == "HEAD")


class Site:
    """`server` nginx, lighttpd, apache, caddy or None; `transport` native, libfcgi or cgi; `tcp`: the
    program listens on TCP. `settings`: further GW_ variables."""

    def __init__(self, server=None, transport="native", tcp=False, settings=None, conf=()):
        self.server, self.transport, self.tcp = server, transport, tcp
        self.folder = tempfile.mkdtemp(prefix="gatewright-ops.")
        os.chmod(self.folder, 0o755)
        self.port = free_port()
        self.log = self.folder + "/program.log"
        self.socket = self.folder + "/program.sock"
        self.address = "tcp:127.0.0.1:%d" % free_port() if tcp else "unix:" + self.socket
        self.processes = []
        self.conf = list(conf)
        self.environment = {
            "PATH": PATH, "HOME": self.folder, "GW_SECRET_KEY": SECRET,
            "GW_DATABASE_URL": "sqlite:%s/school.db" % self.folder,
            "GW_LOG": "text:" + self.log, "SCHOOL_VIDEOS": VIDEOS,
        }
        if transport != "cgi":
            self.environment["GW_TRANSPORT"] = transport
            self.environment["GW_SENDFILE"] = SENDFILE.get(server, "none")
        self.environment.update(settings or {})

    def launch(self, argv, **options):
        out = open(self.folder + "/output", "ab")
        process = subprocess.Popen(argv, stdout=out, stderr=out, preexec_fn=die_with_parent,
                                   **{"env": self.environment, "stdin": subprocess.DEVNULL,
                                      **options})
        out.close()
        self.processes.append(process)
        return process

    def start_program(self):
        """Listening by itself."""
        program = self.launch([PROGRAM], env=dict(self.environment, GW_LISTEN=self.address))
        wait_for("the program starts", lambda: self._listens() or program.poll() is not None)
        if program.poll() is not None:
            self.fail("the program ended")
        if not self.tcp:
            os.chmod(self.socket, 0o666)
        return program

    def _listens(self):
        try:
            if self.tcp:
                socket.create_connection(("127.0.0.1", int(self.address.split(":")[2])), 5).close()
            else:
                with socket.socket(socket.AF_UNIX) as s:
                    s.connect(self.socket)
            return True
        except OSError:
            return False

    def fail(self, why):
        sys.exit("%s: %s" % (why, open(self.folder + "/output", errors="replace").read()[-4000:]))

    def write_configuration(self):
        path = self.folder + "/server.conf"
        user = "www-data" if self.server == "apache" else "root"  # Apache refuses to serve as root
        command = [GATEWRIGHT, "conf", self.server, ROUTES, "--state", self.folder,
                   "--socket", self.address if self.tcp else self.socket,
                   "--port", str(self.port), "--files", VIDEOS, "--user", user,
                   "--transport", self.transport, *self.conf]
        with open(path, "wb") as out:
            subprocess.run(command, stdout=out, check=True)
        return path

    def write_cgi(self):
        """As CGI, which `gatewright conf` does not know. Apache's user is www-data."""
        path, folder = self.folder + "/server.conf", self.folder
        shutil.copy(PROGRAM, folder + "/program.cgi")
        shutil.copytree(VIDEOS, folder + "/videos")
        settings = {k: v for k, v in self.environment.items() if k not in ("PATH", "HOME")}
        settings["SCHOOL_VIDEOS"] = folder + "/videos"
        if self.server == "lighttpd":
            text = ('server.port = %d\nserver.bind = "127.0.0.1"\nserver.document-root = "%s"\n'
                    'server.errorlog = "%s/lighttpd.log"\nserver.upload-dirs = ( "%s" )\n'
                    'server.modules = ( "mod_alias", "mod_setenv", "mod_cgi" )\n'
                    'alias.url = ( "/" => "%s/program.cgi/" )\ncgi.assign = ( ".cgi" => "" )\n'
                    'setenv.add-environment = ( %s )\n' % (
                        self.port, folder, folder, folder, folder,
                        ", ".join('"%s" => "%s"' % item for item in settings.items())))
        else:
            modules = ("mpm_event", "authz_core", "alias", "env", "cgid", "unique_id")
            text = "".join("LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n" % (m, m)
                           for m in modules)
            text += ('ServerRoot {0}\nServerName localhost\nPidFile {0}/pid\nDefaultRuntimeDir {0}\n'
                     'Mutex file:{0} default\nListen 127.0.0.1:{1}\nErrorLog {0}/apache.log\n'
                     'LogLevel crit\nUser www-data\nGroup www-data\nScriptSock {0}/cgisock\n'
                     'TraceEnable Off\nAllowEncodedSlashes NoDecode\nMergeSlashes Off\n'
                     'ScriptAlias "/" "{0}/program.cgi/"\n<Location "/">\n    CGIPassAuth On\n'
                     '    Require all granted\n</Location>\n').format(folder, self.port)
            text += "".join('SetEnv %s "%s"\n' % item for item in settings.items())
        open(path, "w").write(text)
        subprocess.run(["chmod", "-R", "a+rwX", folder], check=True)
        return path

    def start_server(self, path=None):
        path = path or (self.write_cgi() if self.transport == "cgi" else self.write_configuration())
        argv = {
            "nginx": ["nginx", "-p", self.folder, "-c", path, "-e", self.folder + "/nginx.log", "-g",
                      "daemon off;"],
            "lighttpd": ["lighttpd", "-D", "-f", path],
            "apache": ["apache2", "-DFOREGROUND", "-f", path],
            "caddy": ["caddy", "run", "--config", path, "--adapter", "caddyfile"],
        }[self.server]
        server = self.launch(argv)
        def answers():
            if server.poll() is not None:
                self.fail("the web server ended")
            try:
                socket.create_connection(("127.0.0.1", self.port), 5).close()
                return True
            except OSError:
                return False
        wait_for("the web server starts", answers)
        return server

    def start(self):
        if self.transport != "cgi":
            self.start_program()
        self.start_server()
        return self

    def client(self):
        return Client(self.port)

    def end(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def complaints(self):
        """What a sanitizer has said of the program."""
        path = self.folder + "/output"
        said = open(path, errors="replace").read() if os.path.exists(path) else ""
        return "Sanitizer" in said or "runtime error:" in said

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.end()
        complaints = self.complaints()
        if complaints:
            print(open(self.folder + "/output", errors="replace").read()[-4000:])
        if not os.environ.get("E2E_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)
        assert kind or not complaints, "a sanitizer complained"


def run_tests(namespace):
    """Runs every test_* function, or those that are named on the command line; one line for each."""
    names = [n for n in namespace if n.startswith("test_")]
    wanted = [n for n in sys.argv[1:] if n.startswith("test_")]
    failed = 0
    for name in wanted or names:
        begun = time.monotonic()
        try:
            namespace[name]()
            word = "passed"
        except (AssertionError, OSError, SystemExit) as why:
            import traceback
            traceback.print_exc()
            failed, word = failed + 1, "FAILED"
        print("%s %s (%.1f s)" % (word, name, time.monotonic() - begun), flush=True)
    sys.exit(bool(failed))

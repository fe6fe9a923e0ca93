"""The school, and a web server in front of it, each a real one, for the tests of operating."""
import os
import shutil
import subprocess
import sys
import time

from client import Client
from mariadb import MariaDB
from program import (ORIGIN, PATH, SECRET, Program, accepts, adopt_orphans, die_with_parent, free_port, is_listening,
                     listener, run_tests, wait_for, waits_for_signals)

PROGRAM = os.environ["E2E_PROGRAM"]
GATEWRIGHT = os.environ["E2E_GATEWRIGHT"]
ROUTES = os.environ["E2E_ROUTES"]
VIDEOS = os.environ["E2E_VIDEOS"]
FULL = bool(os.environ.get("TESTS_FULL"))
SENDFILE = {"nginx": "x-accel:/gatewright-files/=" + VIDEOS, "lighttpd": "x-sendfile"}


class Site(Program):
    """`server` nginx, lighttpd, apache, caddy, haproxy or None; `transport` native, libfcgi or cgi; `tcp`: the
    program listens on TCP. `settings`: further GW_ variables. `conf`: options of `gatewright conf`, each
    with its value."""

    def __init__(self, server=None, transport="native", tcp=False, settings=None, conf=()):
        super().__init__(PROGRAM, tcp)
        self.server, self.transport, self.tcp = server, transport, tcp
        self.port = free_port()
        self.conf = list(conf)
        self.environment.update({"SCHOOL_VIDEOS": VIDEOS,
                                 "GW_DATABASE_URL": "sqlite:%s/school.db" % self.folder})
        if transport != "cgi":
            self.environment["GW_TRANSPORT"] = transport
            self.environment["GW_SENDFILE"] = SENDFILE.get(server, "none")
        self.environment.update(settings or {})

    def write_configuration(self):
        path = self.folder + "/server.conf"
        user = "www-data" if self.server == "apache" else "root"  # Apache refuses to serve as root
        options = {"--state": self.folder, "--socket": self.address if self.tcp else self.socket,
                   "--port": str(self.port), "--files": VIDEOS, "--user": user, "--transport": self.transport,
                   **dict(zip(self.conf[::2], self.conf[1::2]))}
        command = [GATEWRIGHT, "conf", self.server, ROUTES, *(w for pair in options.items() for w in pair)]
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
            "haproxy": ["haproxy", "-db", "-f", path],
            "caddy": ["caddy", "run", "--config", path, "--adapter", "caddyfile"],
        }[self.server]
        server = self.launch(argv)
        address = "tcp:127.0.0.1:%d" % self.port
        wait_for("the web server starts", lambda: accepts(address) or server.poll() is not None)
        if server.poll() is not None:
            self.fail("the web server ended")
        return server

    def start(self):
        if self.transport != "cgi":
            self.start_program()
        self.start_server()
        return self

    def client(self):
        return Client(self.port)


def school_database(site, port=None):
    """A server with the site's tables and the runtime's own, as the program itself prints them. `port`: it listens on
    TCP too."""
    database = MariaDB(site.folder, "school", "", port)
    before, site.environment["GW_DATABASE_URL"] = site.environment["GW_DATABASE_URL"], database.url
    assert database.run(site.run("--schema-diff", code=1))
    site.environment["GW_DATABASE_URL"] = before
    return database

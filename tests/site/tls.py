"""nginx with TLS in front of a program, by a certificate authority of the tests' own.

A site is a program.Program; everything lies in its folder. Names are what the certificate is for: the first is the
program's, the others show what lies in the folder `pages`."""
import os
import subprocess

from program import accepts, free_port, wait_for

NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; user root;
events {{ }}
http {{
    access_log off; client_body_temp_path {folder}; fastcgi_temp_path {folder}; proxy_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    ssl_certificate {folder}/site.pem; ssl_certificate_key {folder}/site.key;
    server {{
        listen 127.0.0.1:{port} ssl; server_name {ours};
        location / {{ include /etc/nginx/fastcgi_params; fastcgi_pass unix:{folder}/program.sock; }}
    }}
    server {{
        listen 127.0.0.1:{port} ssl; server_name {others};
        default_type text/html; root {folder}/pages;
    }}
}}
"""


def write_keys(folder, names):
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=CA of the tests")
    openssl("req", *curve, "-keyout", "site.key", "-out", "site.csr", "-subj", "/CN=" + names[0])
    with open(folder + "/names", "w") as out:
        out.write("subjectAltName=" + ",".join("DNS:" + name for name in names))
    openssl("x509", "-req", "-in", "site.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "names", "-out", "site.pem")


def serve(site, names):
    """Starts nginx; gives its port. `ca.pem` in the folder is whom clients trust."""
    port = free_port()
    write_keys(site.folder, names)
    with open(site.folder + "/nginx.conf", "w") as out:
        out.write(NGINX.format(folder=site.folder, port=port, ours=names[0], others=" ".join(names[1:]) or "other.invalid"))
    site.launch(["nginx", "-p", site.folder, "-c", site.folder + "/nginx.conf", "-e", site.folder + "/nginx.log"])
    wait_for("nginx starts", lambda: accepts("tcp:127.0.0.1:%d" % port))
    return port


def write_page(site, name, text):
    """For the other names to show."""
    os.makedirs(site.folder + "/pages", exist_ok=True)
    with open("%s/pages/%s.html" % (site.folder, name), "w") as out:
        out.write("<!doctype html><title>%s</title>%s" % (name, text))

/* conf_systemd.c: a socket unit and a service unit; for each job a service and its timer. */
#include "describe/conf.h"

#include "syntax/tree.h"

static void add_socket(const struct conf *conf, struct text *to)
{
    const char *unit = conf->unit;
    text_printf(to,
                "# Written by `gatewright conf systemd`. Put each part into the file in\n"
                "# /etc/systemd/system that its first line names, then:\n"
                "#     systemctl daemon-reload && systemctl enable --now %s.socket",
                unit);
    for (size_t i = 0; i < conf->tree->jobs.n; i++)
        text_printf(to, " %s-%s.timer", unit, conf->tree->jobs.items[i]->name.text);
    text_printf(to,
                "\n"
                "# ---- %s.socket ----\n"
                "[Unit]\n"
                "Description=FastCGI socket of %s\n"
                "\n"
                "[Socket]\n"
                "ListenStream=%s\n",
                unit, unit, conf->host ? conf->listen + 4 : conf->socket);
    if (!conf->host)
        text_printf(to,
                    "SocketUser=%s\n"
                    "# The web server's workers must be in it.\n"
                    "SocketGroup=%s\n"
                    "SocketMode=0660\n",
                    conf->user, conf->group);
    text_printf(to, "Backlog=511\n"
                    "\n"
                    "[Install]\n"
                    "WantedBy=sockets.target\n"
                    "\n");
}

/* What the program cannot do even if it is taken over. */
static const char sandbox[] = "LimitCORE=0\n"
                              "NoNewPrivileges=yes\n"
                              "PrivateTmp=yes\n"
                              "PrivateDevices=yes\n"
                              "ProtectSystem=strict\n"
                              "ProtectHome=yes\n"
                              "ProtectKernelTunables=yes\n"
                              "ProtectKernelModules=yes\n"
                              "ProtectKernelLogs=yes\n"
                              "ProtectControlGroups=yes\n"
                              "ProtectClock=yes\n"
                              "ProtectHostname=yes\n"
                              "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\n"
                              "RestrictNamespaces=yes\n"
                              "RestrictRealtime=yes\n"
                              "RestrictSUIDSGID=yes\n"
                              "LockPersonality=yes\n"
                              "MemoryDenyWriteExecute=yes\n"
                              "SystemCallArchitectures=native\n"
                              "SystemCallFilter=@system-service\n"
                              "CapabilityBoundingSet=\n"
                              "UMask=0077\n";

/* Where its settings come from, and whose it is. */
static void add_environment(const struct conf *conf, struct text *to)
{
    text_printf(to,
                "# GW_SECRET_KEY_FILE, GW_DATABASE_URL and so on; readable for root only.\n"
                "EnvironmentFile=-/etc/gatewright/%s.env\n",
                conf->unit);
    if (*conf->mount)
        text_printf(to, "Environment=GW_MOUNT=%s\n", conf->mount);
    text_printf(to,
                "User=%s\n"
                "StateDirectory=gatewright\n",
                conf->user);
}

static void add_service(const struct conf *conf, struct text *to)
{
    const char *unit = conf->unit;
    text_printf(to,
                "# ---- %s.service ----\n"
                "[Unit]\n"
                "Description=%s\n"
                "Requires=%s.socket\n"
                "# With a database on this machine name its unit too.\n"
                "After=network.target %s.socket\n"
                "\n"
                "[Service]\n"
                "# It says when it is ready, reloading and stopping. The socket is handed over.\n"
                "Type=notify\n"
                "StandardOutput=journal\n"
                "StandardError=journal\n"
                "ExecStart=%s\n"
                "ExecReload=/bin/kill -HUP $MAINPID\n",
                unit, unit, unit, unit, conf->program);
    add_environment(conf, to);
    text_printf(to,
                "# Also after GW_MAX_REQUESTS. What waits in the socket meanwhile is served then.\n"
                "Restart=always\n"
                "# 78: the configuration is wrong; starting again does not help.\n"
                "RestartPreventExitStatus=78\n"
                "TimeoutStopSec=%u\n"
                "%s",
                conf->timeout, sandbox);
}

/* A service that runs the job once, and the timer that starts it. */
static void add_job(const struct conf *conf, const struct job *job, struct text *to)
{
    const char *unit = conf->unit, *name = job->name.text;
    text_printf(to,
                "\n"
                "# ---- %s-%s.service ----\n"
                "[Unit]\n"
                "Description=%s of %s\n"
                "After=network.target\n"
                "\n"
                "[Service]\n"
                "Type=oneshot\n"
                "StandardOutput=journal\n"
                "StandardError=journal\n"
                "ExecStart=%s job %s\n"
                "# 75: it is under way on this database, on another machine say.\n"
                "SuccessExitStatus=75\n",
                unit, name, name, unit, conf->program, name);
    add_environment(conf, to);
    if (job->timeout_ms)
        text_printf(to, "TimeoutStartSec=%u\n", job->timeout_ms / 1000 + 30);
    else
        text_printf(to, "TimeoutStartSec=infinity\n");
    text_printf(to,
                "%s"
                "\n"
                "# ---- %s-%s.timer ----\n"
                "[Unit]\n"
                "Description=When %s of %s is run\n"
                "\n"
                "[Timer]\n"
                "OnBootSec=5min\n"
                "OnUnitActiveSec=%llus\n"
                "\n"
                "[Install]\n"
                "WantedBy=timers.target\n",
                sandbox, unit, name, name, unit, (unsigned long long)job->every.seconds);
}

void conf_systemd(const struct conf *conf, struct text *to)
{
    add_socket(conf, to);
    add_service(conf, to);
    for (size_t i = 0; i < conf->tree->jobs.n; i++)
        add_job(conf, conf->tree->jobs.items[i], to);
}

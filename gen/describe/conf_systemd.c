/* conf_systemd.c: a socket unit and a service unit. */
#include "describe/conf.h"

static void add_socket(const struct conf *conf, struct text *to)
{
    const char *unit = conf->unit;
    text_printf(to,
                "# Two units. Written by `gatewright conf systemd`. Put the first part into\n"
                "# /etc/systemd/system/%s.socket and the second into %s.service, then:\n"
                "#     systemctl daemon-reload && systemctl enable --now %s.socket\n"
                "# ---- %s.socket ----\n"
                "[Unit]\n"
                "Description=FastCGI socket of %s\n"
                "\n"
                "[Socket]\n"
                "ListenStream=%s\n",
                unit, unit, unit, unit, unit, conf->host ? conf->listen + 4 : conf->socket);
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
                "ExecReload=/bin/kill -HUP $MAINPID\n"
                "# GW_SECRET_KEY_FILE, GW_DATABASE_URL and so on; readable for root only.\n"
                "EnvironmentFile=-/etc/gatewright/%s.env\n",
                unit, unit, unit, unit, conf->program, unit);
    if (*conf->mount)
        text_printf(to, "Environment=GW_MOUNT=%s\n", conf->mount);
    text_printf(to,
                "User=%s\n"
                "StateDirectory=gatewright\n"
                "# Also after GW_MAX_REQUESTS. What waits in the socket meanwhile is served then.\n"
                "Restart=always\n"
                "# 78: the configuration is wrong; starting again does not help.\n"
                "RestartPreventExitStatus=78\n"
                "TimeoutStopSec=%u\n"
                "%s",
                conf->user, conf->timeout, sandbox);
}

void conf_systemd(const struct conf *conf, struct text *to)
{
    add_socket(conf, to);
    add_service(conf, to);
}

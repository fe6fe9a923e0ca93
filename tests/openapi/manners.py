"""Ten small documents in the manner of well-known APIs, made up here, and what the language cannot say of each yet."""


def ref(name):
    return {"$ref": "#/components/schemas/" + name}


def text(low=None, high=None, **more):
    return {"type": "string", **({} if low is None else {"minLength": low}), **({} if high is None else {"maxLength": high}), **more}


def integer(low=None, high=None, **more):
    return {"type": "integer", **({} if low is None else {"minimum": low}), **({} if high is None else {"maximum": high}), **more}


def items(of, **more):
    return {"type": "array", "items": of, **more}


def members(required="", closed=True, **properties):
    return {"type": "object", "properties": {k.replace("__", "-"): v for k, v in properties.items()},
            **({"required": required.split()} if required else {}), **({"additionalProperties": False} if closed else {})}


def at(place, schema, name, required=False, **more):
    return {"name": name, "in": place, "required": required or place == "path", "schema": schema, **more}


def json(schema, kind="application/json"):
    return {"required": True, "content": {kind: {"schema": schema}}}


def operation(name, *parameters, body=None, answer=None, **more):
    return {"operationId": name, "parameters": list(parameters), **({"requestBody": body} if body else {}),
            "responses": {"200": {"description": "It is done.", **({"content": {"application/json": {"schema": answer}}} if answer else {})}},
            **more}


def document(title, paths, schemas=None, **components):
    return {"openapi": "3.1.0", "info": {"title": title, "version": "1"}, "paths": paths,
            "components": {"schemas": schemas or {}, **components}}


ID = "^[0-9]{17,20}$"
DECIMAL = r"^-?\d{0,6}(?:\.\d{0,2})?$"

github = document("Code, octocat's manner", {
    "/repos/{owner}/{repo}/issues": {
        "parameters": [at("path", text(), "owner"), at("path", text(), "repo")],
        "get": operation("issues/list-for-repo", at("query", text(enum=["open", "closed", "all"], default="open"), "state"),
                         at("query", text(), "labels"), at("query", integer(1, 100, default=30), "per_page"),
                         at("query", text(format="date-time"), "since"), answer=items(ref("issue"))),
        "post": operation("issues/create", body=json(members("title", title=text(1), body=text(), labels=items(text(1, 50)), milestone={
            "type": ["integer", "null"]}, assignees=items(text(), maxItems=10))), answer=ref("issue"))},
    "/repos/{owner}/{repo}/issues/{issue_number}": {
        "parameters": [at("path", text(), "owner"), at("path", text(), "repo"), at("path", integer(), "issue_number")],
        "patch": operation("issues/update", body=json({"allOf": [ref("change"), members(closed=False, state_reason={
            "type": ["string", "null"], "enum": ["completed", "not_planned", None]})]}))},
    "/repos/{owner}/{repo}/compare/{base}...{head}": {
        "get": operation("repos/compare", at("path", text(), "owner"), at("path", text(), "repo"), at("path", text(), "base"),
                         at("path", text(), "head"))},
}, {"issue": members("id title", closed=False, id=integer(format="int64"), title=text(), user={"anyOf": [ref("user"), {"type": "null"}]}),
    "user": members("login", closed=False, login=text(), site_admin={"type": "boolean"}),
    "change": members(closed=False, title=text(1, 256), state=text(enum=["open", "closed"]))})

stripe = document("Payments by forms", {
    "/v1/charges": {"post": operation("PostCharges", body=json(members("amount currency", closed=False, amount=integer(1),
        currency=text(pattern="^[a-z]{3}$"), description=text(0, 400), capture={"type": "boolean"}), "application/x-www-form-urlencoded")),
        "get": operation("GetCharges", at("query", integer(1, 100), "limit"), at("query", text(1, 5000), "starting_after"),
                         at("query", {"anyOf": [members(gt=integer(), lt=integer()), integer()]}, "created", style="deepObject"),
                         at("query", items(text(1, 20)), "expand[]"))},
    "/v1/charges/{charge}": {"get": operation("GetChargesCharge", at("path", text(), "charge"), answer=ref("charge"))},
    "/v1/customers": {"get": operation("GetCustomers", at("query", members(gt=integer(), tags=items(text(1, 9), maxItems=3)), "created", style="deepObject"),
        at("query", {"type": "object", "additionalProperties": integer(0)}, "metadata", style="deepObject"),
        at("query", members("side", side=text(enum=["a", "b"]), width=integer(1, 9)), "view", required=True)), },
}, {"charge": members("id amount", id=text(), amount=integer(), metadata={"type": "object", "additionalProperties": text(0, 500)})})

kubernetes = document("Pods", {
    "/api/v1/namespaces/{namespace}/pods": {
        "parameters": [at("path", text(), "namespace")],
        "get": operation("listCoreV1NamespacedPod", at("query", text(), "labelSelector"), at("query", {"type": "boolean"}, "watch"),
                         at("query", integer(), "timeoutSeconds")),
        "post": operation("createCoreV1NamespacedPod", body=json(ref("io.k8s.api.core.v1.Pod")))},
    "/api/v1/namespaces/{namespace}/pods/{name}": {
        "parameters": [at("path", text(), "namespace"), at("path", text(), "name")],
        "put": operation("replaceCoreV1NamespacedPod", body=json(ref("io.k8s.api.core.v1.Pod"))),
        "patch": operation("patchCoreV1NamespacedPod", body=json(ref("io.k8s.api.core.v1.Pod"), "application/merge-patch+json"))},
}, {"io.k8s.api.core.v1.Pod": members("apiVersion kind metadata", closed=False, apiVersion={"const": "v1"}, kind=text(enum=["Pod"]),
        metadata=ref("io.k8s.ObjectMeta"), spec=members("containers", closed=False, containers=items(ref("io.k8s.Container"), minItems=1),
        nodeSelector={"type": "object", "additionalProperties": text()})),
    "io.k8s.ObjectMeta": members("name", closed=False, name=text(1, 63, pattern="^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"),
        labels={"type": "object", "additionalProperties": text(0, 63), "maxProperties": 20}, annotations={"type": "object", "additionalProperties": {}}),
    "io.k8s.Container": members("name image", closed=False, name=text(1), image=text(1), args=items(text()), tty={"type": "boolean"},
        resources=members(closed=False, limits={"type": "object", "additionalProperties": text(pattern="^[0-9]+(m|Ki|Mi|Gi)?$")}))})

gitea = document("Tea", {
    "/repos/{owner}/{repo}/contents/{filepath}": {
        "get": operation("repoGetContents", at("path", text(), "owner"), at("path", text(), "repo"), at("path", text(), "filepath"),
                         at("query", text(), "ref"))},
    "/repos/{owner}/{repo}/pulls/{index}.{diffType}": {
        "get": operation("repoDownloadPullDiff", at("path", text(), "owner"), at("path", text(), "repo"), at("path", integer(), "index"),
                         at("path", text(enum=["diff", "patch"]), "diffType"))},
    "/repos/{owner}/{repo}/pulls/{index}.diff": {
        "get": operation("repoPullDiff", at("path", text(), "owner"), at("path", text(), "repo"), at("path", integer(), "index"))},
    "/repos/{owner}/{repo}/hooks": {"post": operation("repoCreateHook", at("path", text(), "owner"), at("path", text(), "repo"),
        body=json(members("type config", active={"type": "boolean", "default": False}, type=text(enum=["gitea", "slack"]),
                          config={"type": "object", "properties": {"url": text(1, 99)}, "required": ["url"],
                          "additionalProperties": text(0, 40), "maxProperties": 9}, headers={"type": "object", "properties": {"Accept": text(), "Age": integer(0)},
                          "additionalProperties": {"anyOf": [integer(), items(text())]}}, nothing={"type": "object", "additionalProperties": False}, events=items(text()), created_at=text(format="date-time"))))},
})

gitlab = document("Lab", {
    "/api/v4/projects/{id}/issues": {"get": operation("getApiV4ProjectsIdIssues", at("path", {"oneOf": [text(), integer()]}, "id"),
        at("query", {"oneOf": [integer(1), text(enum=["None", "Any"])]}, "assignee_id"), at("query", {"oneOf": [text(), items(text())]}, "labels"),
        at("query", items({"anyOf": [integer(0), {"type": "boolean"}]}, maxItems=3), "flags"))},
    "/api/v4/groups/{id}/epics": {
        "get": operation("getApiV4GroupsIdEpics", at("path", integer(), "id"), at("query", items(integer(), maxItems=20), "iids", explode=False),
                         at("query", items(text(1, 40)), "labels", style="pipeDelimited", explode=False),
                         at("query", text(enum=["asc", "desc"], default="desc"), "sort"), at("query", {"type": "number"}, "weight"))},
    "/api/v4/projects/{id}/variables": {"put": operation("putVariables", at("path", integer(), "id"), body=json(items(members(
        "key value", key=text(1, 255, pattern=r"^\w+$"), value=text(), masked={"type": "boolean"}), minItems=1, maxItems=100)))},
})

mastodon = document("Toots", {
    "/api/v1/statuses": {"post": operation("createStatus", body=json(members("status", status=text(1, 500), media_ids=items(text(), maxItems=4),
        poll=members("options expires_in", options=items(text(1, 50), minItems=2, maxItems=4), expires_in=integer(300, 2629746),
        multiple={"type": "boolean"}), visibility=text(enum=["public", "unlisted", "private", "direct"]), scheduled_at={
            "type": ["string", "null"], "format": "date-time"}, language=text(pattern="^[a-z]{2}$")))), "get": operation("getStatuses",
        at("query", items(text()), "id[]"))},
    "/api/v1/statuses/{id}/favourite": {"post": operation("postStatusFavourite", at("path", text(), "id"))},
    "/api/v1/accounts/relationships": {"get": operation("getAccountRelationships", at("query", items(text()), "id"),
        at("query", {"type": "boolean", "default": False}, "with_suspended"), answer=items(ref("Relationship")))},
}, {"Relationship": members("id following", id=text(), following={"type": "boolean"}, languages={"type": ["array", "null"], "items": text()})})

netbox = document("Boxes", {
    "/api/dcim/sites/": {"get": operation("dcim_sites_list")},
    "/api/dcim/sites": {"post": operation("dcim_sites_create", body=json(members("name slug", name=text(1, 100), slug=text(1, 100, pattern="^[-a-zA-Z0-9_]+$"),
        latitude={"type": ["string", "null"], "pattern": DECIMAL}, asn={"type": ["integer", "null"], "minimum": 1, "maximum": 4294967295},
        tags=items(members("name slug", name=text(1), slug=text(1))), custom_fields={"type": "object", "additionalProperties": {}},
        status=text(enum=["planned", "active", "retired"], default="active"), color=integer(enum=[1, 2, 4]))))},
    "/api/dcim/sites/{id}": {"patch": operation("dcim_sites_partial_update", at("path", integer(0), "id"), body=json(members(
        name=text(1, 100), weight={"type": "number", "minimum": 0, "maximum": 9999.5})))},
})

slack = document("Channels", {
    "/conversations.list": {"get": operation("conversations_list", at("query", {"type": "boolean"}, "exclude_archived"), at("query", text(), "types"),
                                             at("query", integer(1, 1000), "limit"))},
    "/chat.postMessage": {"post": operation("chat_postMessage", at("header", text(), "token", required=True), body=json(members("channel", channel=text(1))))},
    "/users.profile.set": {"post": operation("users_profile_set", body=json(members(closed=False, profile={"type": "object", "additionalProperties": text()},
        user=text(pattern="^[WU][A-Z0-9]{8}$"))), security=[{"accounts": []}])},
}, securitySchemes={"accounts": {"type": "http", "scheme": "bearer"}})

discord = document("Guilds", {
    "/guilds/{guild_id}/bans": {"get": operation("list_guild_bans", at("path", text(pattern=ID), "guild_id"))},
    "/guilds/{guild}/roles": {"patch": operation("bulk_update_guild_roles", at("path", text(), "guild"), body=json(items(members(
        "id", id=text(pattern=ID), position={"type": ["integer", "null"]}))))},
    "/channels/{channel}/messages": {"post": operation("create_message", at("path", text(), "channel"), body=json(members(content={
        "type": ["string", "null"], "maxLength": 2000}, sticker_ids=items(text(pattern=ID), maxItems=3, uniqueItems=True), grid=items(
        items(integer(0, 9), minItems=2, maxItems=2), maxItems=4), nonce={"oneOf": [integer(), text()]},
        colour={"anyOf": [text(enum=["red", "blue"]), integer(0, 255), {"type": "null"}]}, mentions={"type": ["string", "array", "null"], "items": integer(1)},
        flags=text(format="uint64", pattern="^(0|[1-9][0-9]*)$"), offsets=items(text(format="int64", pattern="^(0|-?[1-9][0-9]*)$")),
        embeds=items({"oneOf": [ref("embed"), text(1, 9)]}, maxItems=3))))},
    "/channels/{channel}/typing": {"post": operation("trigger_typing", at("path", text(), "channel"), body=json(members("at", at=text(format="date"),
        default={"type": "boolean"}, int=integer(-5, 5), **{"class": text(1, 3), "x__y": text()})))},
}, {"embed": members("url", url=text(1, 99), width=integer(0))})

twilio = document("Calls", {
    "/Accounts/{AccountSid}.json": {"get": operation("FetchAccount", at("path", text(), "AccountSid")), "post": operation("UpdateAccount",
        at("path", text(), "AccountSid"), body=json(members(closed=False, FriendlyName=text(0, 64), Status=text(enum=["active", "closed"])),
                                                    "application/x-www-form-urlencoded"))},
    "/Accounts/{AccountSid}/Calls.json": {"post": operation("CreateCall", at("path", text(), "AccountSid"), body=json(members("To From", To=text(1),
        From=text(1), Url=text(format="uri"), host=text(format="hostname"), Trace=text(format="uuid"), Email=text(format="email"),
        StartTime=text(format="date-time"), Rate={"type": "number", "exclusiveMinimum": 0}, Share={"type": "number", "minimum": 0, "exclusiveMaximum": 1}, Extra={})))},
    "/Accounts/{AccountSid}/Recordings/{id}": {"put": operation("PutRecording", at("path", text(), "AccountSid"), at("path", text(format="uuid"), "id"),
        body={"required": True, "content": {"application/octet-stream": {}}}), "get": operation("GetRecording", at("path", text(), "AccountSid"),
        at("path", text(format="uuid"), "id"), at("query", text(format="date"), "StartTime>"), answer=ref("recording"))},
}, {"recording": members("sid", sid=text(), nested=members(deep=members(deeper=items({"type": "object", "additionalProperties": integer()}))))})

DOCUMENTS = {"github": github, "stripe": stripe, "kubernetes": kubernetes, "gitea": gitea, "gitlab": gitlab, "mastodon": mastodon,
             "netbox": netbox, "slack": slack, "discord": discord, "twilio": twilio}

# What the language has no word for. A line goes when it has.
LEFT_OUT = {}

// A client of the school by openapi-typescript and openapi-fetch: what is wrong does not compile, what is right is answered.
import createClient from "openapi-fetch";
import type { components, paths } from "./school.js";

declare const process: { argv: string[]; exitCode: number };

function check(condition: boolean, what: string): asserts condition {
  if (!condition)
    throw new Error(what);
}

async function account(kind: "user" | "teacher", name: string) {
  const path = kind === "user" ? "/api/v1/auth/user" : "/api/v1/auth/teacher";
  const { data, response } = await stranger.POST(path, {
    body: { name, email: `${name}.fetch@example.com`, password: "correct horse" } });
  check(response.status === 201 && data !== undefined, `${kind}: ${response.status}`);
  return createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${data.token}` } });
}

const PNG = Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC"),
  (c) => c.charCodeAt(0));
const baseUrl = process.argv[2]!;
const stranger = createClient<paths>({ baseUrl });
const teacher = await account("teacher", "ann");
const user = await account("user", "bob");

const lesson: components["schemas"]["new_lesson"] = { title: "Greek", level: "advanced" };
const made = await teacher.POST("/api/v1/lessons", { body: lesson });
check(made.response.status === 201 && made.data?.title === "Greek" && made.data.level === "advanced", "made");
const id: number = made.data.id;
const again = await teacher.POST("/api/v1/lessons", { body: lesson });
check(again.response.status === 409 && again.error?.status === 409, "twice");

// Types let members pass that nobody declared; the program does not.
const odd = await teacher.POST("/api/v1/lessons", { body: { title: "Latin", price: 7 } });
check(odd.response.status === 422 && odd.error?.errors?.[0]?.pointer === "/price", "odd");
// @ts-expect-error: a level that there is not
const level = await teacher.POST("/api/v1/lessons", { body: { title: "Latin", level: "expert" } });
check(level.response.status === 422, "level");
// @ts-expect-error: a path that there is not
const nowhere = await teacher.GET("/api/v1/lesson");
check(nowhere.response.status === 404, "nowhere");

const list = await user.GET("/api/v1/lessons", { params: { query: { limit: 1 } } });
check(list.data?.data.length === 1 && (list.data.next ?? 0) === 0, "list");
const found = await user.GET("/api/v1/lessons", { params: { query: { q: "gree", level: "advanced" } } });
check(found.data?.data.length === 1 && found.data.data[0]?.id === id, "found");
const none = await user.GET("/api/v1/lessons", { params: { query: { q: "gree", level: "beginner" } } });
check(none.data?.data.length === 0, "not found");
const shown = await user.GET("/api/v1/lessons/{id}", { params: { path: { id } } });
check(shown.data?.author_id === made.data.author_id, "shown");
const changed = await teacher.PUT("/api/v1/lessons/{id}", { params: { path: { id } }, body: { title: "Attic Greek" } });
check(changed.data?.title === "Attic Greek" && changed.data.level === "advanced", "changed");
const patched = await teacher.PATCH("/api/v1/lessons/{id}", { params: { path: { id } }, body: { level: "beginner" } });
check(patched.data?.title === "Attic Greek" && patched.data.level === "beginner", "patched");
const photo = new FormData();
photo.append("picture", new Blob([PNG]), "greek.png");
const pictured = await teacher.PUT("/api/v1/lessons/{id}/picture", {
  params: { path: { id } }, body: { picture: "" }, bodySerializer: () => photo });
check(pictured.response.status === 200 && pictured.data?.picture?.endsWith(".png") === true, "pictured");
const picture = await user.GET("/api/v1/pictures/{name}", {
  params: { path: { name: pictured.data.picture } }, parseAs: "arrayBuffer" });
check(picture.response.headers.get("Content-Type") === "image/png" && picture.response.status === 200, "picture");
const foreign = await user.PUT("/api/v1/lessons/{id}", { params: { path: { id } }, body: { title: "Mine" } });
check(foreign.response.status === 403, "foreign");
const me = await user.GET("/api/v1/me");
check(me.data?.table_name === "users" && me.data.data.name === "bob", "me");
const gone = await teacher.DELETE("/api/v1/lessons/{id}", { params: { path: { id } } });
check(gone.response.status === 204, "gone");
const lost = await user.GET("/api/v1/lessons/{id}", { params: { path: { id } } });
check(lost.response.status === 404, "lost");
check((await user.POST("/api/v1/logout")).response.status === 204, "signed out");
check((await user.GET("/api/v1/me")).response.status === 401, "out");
console.log("openapi-fetch: done");

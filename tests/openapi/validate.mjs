// Validates OpenAPI documents: each against the specification's own schema, and the JSON schemas in it
// by compiling them. With --answers FILE: what a program answered against the only document's responses.
// With --values FILE: only prints, as JSON, whether each value fits its schema: [[NAME, TEXT], ...].
//
// usage: node validate.mjs [--answers FILE] OPENAPI.json...
//        node validate.mjs --values FILE OPENAPI.json
import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const failures = [];

function newAjv(document) {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
  addFormats(ajv);
  ajv.addFormat("uint64", true); // of the OpenAPI format registry
  for (const word of ["openapi", "info", "servers", "tags", "paths", "components", "security"])
    ajv.addKeyword(word);
  ajv.addSchema(document, "document");
  return ajv;
}

function pointer(...names) {
  return "document#/" + names.map((n) => encodeURIComponent(
    String(n).replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");
}

// Every schema in the document, by where it is.
function* schemas(node, names = []) {
  if (node === null || typeof node !== "object")
    return;
  for (const [name, value] of Object.entries(node)) {
    if (name === "schema" || names.join("/") === "components/schemas")
      yield [...names, name];
    yield* schemas(value, [...names, name]);
  }
}

async function check(file) {
  const document = JSON.parse(readFileSync(file));
  const validator = new Validator();
  const result = await validator.validate(structuredClone(document));
  if (!result.valid || validator.version !== "3.1")
    failures.push(`${file}: ${validator.version} ${JSON.stringify(result.errors)}`);
  const ajv = newAjv(document);
  for (const names of schemas(document)) {
    try {
      ajv.compile({ $ref: pointer(...names) });
    } catch (error) {
      failures.push(`${file}: ${names.join("/")}: ${error.message}`);
    }
  }
  return document;
}

// A response may be a reference.
function resolve(document, object) {
  let at = object;
  while (at?.$ref)
    at = at.$ref.slice(2).split("/").reduce((o, n) => o[decodeURIComponent(n)], document);
  return at;
}

function checkAnswer(document, ajv, answer) {
  const what = `${answer.method} ${answer.path} ${answer.status}`;
  const responses = document.paths[answer.template]?.[answer.method.toLowerCase()]?.responses;
  const response = resolve(document, responses?.[answer.status] ?? responses?.["2XX"]);
  if (!response)
    return failures.push(`${what}: openapi.json does not have it`);
  const type = answer.type.split(";")[0].trim();
  const content = response.content?.[type] ?? response.content?.["*/*"];
  if (!answer.body && !response.content)
    return;
  if (!content)
    return failures.push(`${what}: openapi.json has no ${type} there`);
  if (!content.schema)
    return;
  const validate = ajv.compile(content.schema.$ref ? { $ref: "document" + content.schema.$ref }
                                                   : content.schema);
  const isJson = type === "application/json" || type.endsWith("+json");
  if (!validate(isJson ? JSON.parse(answer.body) : answer.body)) // else a text, or bytes
    failures.push(`${what}: ${ajv.errorsText(validate.errors)}: ${answer.body}`);
}

const args = process.argv.slice(2);
if (args[0] === "--values") {
  const [, values, file] = args;
  const ajv = newAjv(JSON.parse(readFileSync(file)));
  const compiled = new Map();
  console.log(JSON.stringify(JSON.parse(readFileSync(values)).map(([name, text]) => {
    if (!compiled.has(name))
      compiled.set(name, ajv.compile({ $ref: pointer("components", "schemas", name) }));
    return compiled.get(name)(JSON.parse(text));
  })));
  process.exit(0);
}
const answers = args[0] === "--answers" ? JSON.parse(readFileSync(args.splice(0, 2)[1])) : [];
for (const file of args) {
  const document = await check(file);
  const ajv = newAjv(document);
  for (const answer of answers)
    checkAnswer(document, ajv, answer);
}
console.log(failures.join("\n"));
console.log(`${args.length} documents, ${answers.length} answers, ${failures.length} failures`);
process.exit(failures.length || !args.length ? 1 : 0);

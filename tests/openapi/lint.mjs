// What Redocly's recommended rules and swagger-parser say about OpenAPI documents: a line for each finding.
//
// usage: node lint.mjs OPENAPI.json...
import { createRequire } from "node:module";
import { lint, loadConfig } from "@redocly/openapi-core";

const SwaggerParser = createRequire(import.meta.url)("@apidevtools/swagger-parser");
const config = await loadConfig({ customExtends: ["recommended"] });
let findings = 0;
for (const file of process.argv.slice(2)) {
  for (const problem of await lint({ ref: file, config })) {
    const at = problem.location[0]?.pointer ?? "";
    console.log(`${file}${at}: ${problem.severity}: ${problem.ruleId}: ${problem.message}`);
    findings++;
  }
  try {
    await SwaggerParser.validate(file);
  } catch (error) {
    console.log(`${file}: swagger-parser: ${error.message}`);
    findings++;
  }
}
console.log(`${findings} findings`);
process.exit(findings ? 1 : 0);

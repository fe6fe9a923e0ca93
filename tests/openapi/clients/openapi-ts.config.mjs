export default { input: "school.json", output: { path: "hey", importFileExtension: ".js" }, plugins: ["@hey-api/client-fetch", "@hey-api/typescript", "@hey-api/sdk"] };

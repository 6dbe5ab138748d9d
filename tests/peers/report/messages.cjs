// Draws Cucumber Messages (argument 1) with Cucumber's own HTML formatter into argument 2, and prints what it read.
const fs = require("node:fs");
const path = require("node:path");
const messages = require("@cucumber/messages");
const { CucumberHtmlStream } = require("@cucumber/html-formatter");
const { NdjsonToMessageStream } = require("@cucumber/message-streams");

const seen = {};
const statuses = {};
const root = path.dirname(require.resolve("@cucumber/html-formatter/package.json"));
const input = fs.createReadStream(process.argv[2], "utf8").pipe(new NdjsonToMessageStream());
input.on("data", (envelope) => {
  for (const kind of Object.keys(envelope)) if (envelope[kind] !== undefined) seen[kind] = (seen[kind] || 0) + 1;
  // The classes check what a reader of the protocol relies on.
  messages.parseEnvelope(JSON.stringify(envelope));
  if (envelope.testStepFinished) {
    const status = envelope.testStepFinished.testStepResult.status;
    statuses[status] = (statuses[status] || 0) + 1;
  }
  if (envelope.testRunFinished) seen.success = envelope.testRunFinished.success;
});
input
  .pipe(new CucumberHtmlStream(path.join(root, "dist/main.css"), path.join(root, "dist/main.js")))
  .pipe(fs.createWriteStream(process.argv[3]))
  .on("finish", () => console.log(JSON.stringify({ seen, statuses, bytes: fs.statSync(process.argv[3]).size })));

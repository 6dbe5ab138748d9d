// Reads TAP (argument 1) with npm's tap-parser and prints what it understood.
const fs = require("node:fs");
const { Parser } = require("tap-parser");

const subtests = [];
const extra = [];
let version;
const parser = new Parser((result) =>
  console.log(JSON.stringify({ ok: result.ok, count: result.count, fail: result.fail, version, subtests, extra })));
parser.on("version", (v) => { version = v; });
parser.on("extra", (line) => extra.push(line));
parser.on("child", (child) => {
  const points = [];
  child.on("assert", (point) => points.push({ ok: point.ok, name: point.name, outcome: point.diag && point.diag.outcome }));
  child.on("complete", () => subtests.push({ name: child.name, points }));
});
parser.end(fs.readFileSync(process.argv[2], "utf8"));

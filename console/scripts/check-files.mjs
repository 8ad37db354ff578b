/** Files of at most 250 lines; a feature under src/pages never imports another feature. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const MOST_LINES = 250;
const GENERATED = new Set(["src/api/schema.d.ts"]);

/** Returns what is wrong with one file, in words. */
export function problemsOf(path, text) {
  const problems = [];
  if (GENERATED.has(path)) return problems;
  const lines = text.split("\n").length - 1;
  if (lines > MOST_LINES) problems.push(`${path}: ${lines} lines, at most ${MOST_LINES}`);
  const feature = /^src\/pages\/([^/]+)\//.exec(path)?.[1];
  for (const [, other] of text.matchAll(/["'](?:@\/|(?:\.\.\/)+)pages\/([^/"']+)/g))
    if (feature !== undefined && other !== feature)
      problems.push(`${path}: feature ${feature} imports feature ${other}`);
  if (feature !== undefined && /["']@\/app\//.test(text))
    problems.push(`${path}: a page imports the app around it`);
  return problems;
}

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (/\.(?:tsx?|css|mjs)$/.test(entry.name)) yield path;
  }
}

if (process.argv[1] === import.meta.filename) {
  const problems = ["src", "dev", "scripts"]
    .flatMap((folder) => [...files(join(ROOT, folder))])
    .filter((path) => !path.endsWith("messages.mjs"))
    .flatMap((path) => problemsOf(relative(ROOT, path), readFileSync(path, "utf8")));
  for (const problem of problems) console.error(problem);
  process.exit(problems.length === 0 ? 0 : 1);
}

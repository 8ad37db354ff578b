/** Weighs the built console: what the first page loads, and the heaviest route (gzip -9). */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const STATIC = join(import.meta.dirname, "../../src/yinuo/web/static");
const MOST_SHELL_KB = 260;
const MOST_ROUTE_KB = 450;

const sizes = new Map();
for (const name of readdirSync(join(STATIC, "assets")))
  if (/\.(?:js|css)$/.test(name)) {
    const bytes = readFileSync(join(STATIC, "assets", name));
    sizes.set(name, gzipSync(bytes, { level: 9 }).length / 1024);
  }

const page = readFileSync(join(STATIC, "index.html"), "utf8");
const first = [...page.matchAll(/assets\/([\w.-]+\.(?:js|css))/g)].map((found) => found[1]);
/** Everything that `names` import without waiting, themselves included. */
function closure(names, found = new Set()) {
  for (const name of names) {
    if (found.has(name) || !sizes.has(name)) continue;
    found.add(name);
    if (!name.endsWith(".js")) continue;
    const text = readFileSync(join(STATIC, "assets", name), "utf8");
    const needed = [...text.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)];
    closure(
      needed.map((one) => one[1]),
      found,
    );
  }
  return found;
}
const weight = (names) => [...names].reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
const shell = closure(first);
let isGood = weight(shell) <= MOST_SHELL_KB;
console.log(`shell ${weight(shell).toFixed(0)} KB of ${MOST_SHELL_KB}`);
for (const name of sizes.keys())
  if (/Page-[\w-]+\.js$/.test(name)) {
    const route = weight(closure([...first, name]));
    if (route > MOST_ROUTE_KB) isGood = false;
    console.log(`${name} ${route.toFixed(0)} KB of ${MOST_ROUTE_KB}`);
  }
process.exit(isGood ? 0 : 1);

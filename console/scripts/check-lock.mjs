/**
 * The lock must install everywhere: every optional dependency that a package names is in it (one
 * made on a registry that lacks a platform's package breaks the others), and no host is written.
 */
import { readFileSync } from "node:fs";

/** Returns what is wrong with a lock, in words. */
export function problemsOf(lock) {
  const packages = lock.packages;
  const problems = [];
  for (const [place, facts] of Object.entries(packages)) {
    if (facts.resolved !== undefined) problems.push(`${place}: has "resolved"`);
    if (place !== "" && facts.integrity === undefined && facts.link !== true)
      problems.push(`${place}: has no integrity`);
    for (const name of Object.keys(facts.optionalDependencies ?? {}))
      if (!isPlaced(packages, place, name)) problems.push(`${place}: ${name} is not in the lock`);
  }
  return problems;
}

function isPlaced(packages, from, name) {
  let inside = from;
  for (;;) {
    const place = inside === "" ? `node_modules/${name}` : `${inside}/node_modules/${name}`;
    if (packages[place] !== undefined) return true;
    if (inside === "") return false;
    const cut = inside.lastIndexOf("/node_modules/");
    inside = cut === -1 ? "" : inside.slice(0, cut);
  }
}

if (process.argv[1] === import.meta.filename) {
  const lock = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"));
  const problems = problemsOf(lock);
  for (const problem of problems) console.error(problem);
  process.exit(problems.length === 0 ? 0 : 1);
}

import { expect, test } from "vitest";
import { problemsOf as filesProblems } from "../../scripts/check-files.mjs";
import { problemsOf as lockProblems } from "../../scripts/check-lock.mjs";

const integrity = "sha512-made-up";

test("a lock without another platform's package is refused", () => {
  const lock = {
    packages: {
      "": {},
      "node_modules/tool": {
        integrity,
        optionalDependencies: { "tool-mac": "1", "tool-linux": "1" },
      },
      "node_modules/tool/node_modules/tool-linux": { integrity },
    },
  };
  expect(lockProblems(lock)).toEqual(["node_modules/tool: tool-mac is not in the lock"]);
});

test("a lock that names a host, or a package without integrity, is refused", () => {
  const lock = { packages: { "node_modules/a": { resolved: "https://example.test/a.tgz" } } };
  expect(lockProblems(lock)).toEqual([
    'node_modules/a: has "resolved"',
    "node_modules/a: has no integrity",
  ]);
});

test("a long file and a feature that imports another are refused", () => {
  const place = "src/pages/stock/StockPage.tsx";
  expect(filesProblems(place, "\n".repeat(251))).toEqual([`${place}: 251 lines, at most 250`]);
  expect(filesProblems(place, 'import { x } from "@/pages/orders/search";')).toEqual([
    `${place}: feature stock imports feature orders`,
  ]);
  expect(filesProblems(place, 'import { x } from "./search";')).toEqual([]);
});

/** Filters live in the URL as plain text, so that every list can be sent to somebody. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export type Filters<Name extends string> = { [Key in Name]?: string };

/** A route's `validateSearch`: keeps these names, drops empty values and everything unknown. */
export function textSearch<const Name extends string>(names: readonly Name[]) {
  return (raw: Record<string, unknown>): Filters<Name> => {
    const kept: Filters<Name> = {};
    for (const name of names) {
      const value = raw[name];
      if (typeof value === "string" && value !== "") kept[name] = value;
    }
    return kept;
  };
}

export function parseSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const pairs = Object.entries(search).filter(
    (pair): pair is [string, string] => typeof pair[1] === "string" && pair[1] !== "",
  );
  const text = new URLSearchParams(pairs).toString();
  return text === "" ? "" : `?${text}`;
}

/** The page's filters, and how to change some of them; undefined or "" takes one away. */
export function useFilters<Name extends string>(): [
  Filters<Name>,
  (changes: Filters<Name>, how?: "push" | "replace") => void,
] {
  const all: unknown = useSearch({ strict: false });
  const filters = all as Filters<Name>;
  const navigate = useNavigate();
  const change = useCallback(
    (changes: Filters<Name>, how: "push" | "replace" = "push") => {
      void navigate({
        to: ".",
        replace: how === "replace",
        resetScroll: false,
        search: ((before: Filters<Name>) => ({ ...before, ...changes })) as never,
      });
    },
    [navigate],
  );
  return [filters, change];
}

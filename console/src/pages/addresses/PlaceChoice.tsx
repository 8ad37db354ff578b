import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Select } from "antd";
import { useState } from "react";
import type { AddressLine } from "@/api/types";
import { byDigit, MOST_DIGITS } from "./search";
import { useDivisions } from "./useAddresses";

/** Choose a division: what was considered stands there at once, typing finds any other. */
export function PlaceChoice({
  candidates,
  chosen,
  onChoose,
}: {
  candidates: readonly AddressLine[];
  chosen: AddressLine | null;
  onChoose: (line: AddressLine) => void;
}) {
  const { t } = useLingui();
  const [words, setWords] = useState("");
  const found = useDivisions(words);
  const lines = words.trim() === "" ? candidates : found.lines;
  // The chosen one stays among the options, else only its code would be shown.
  const isThere = chosen === null || lines.some((line) => line.code === chosen.code);
  const known = isThere ? lines : [...lines, chosen];
  return (
    <>
      {candidates.slice(0, MOST_DIGITS).map((line, index) => (
        <Button
          key={line.code}
          className="place-candidate"
          aria-pressed={line.code === chosen?.code}
          onClick={() => onChoose(line)}
        >
          <kbd className="key">{index + 1}</kbd> {line.text}
        </Button>
      ))}
      <Select
        className="place-choice"
        aria-label={t`选省市区`}
        autoFocus
        // What was considered stands above; a list over the fields below comes only with a search.
        open={words.trim() !== ""}
        onInputKeyDown={(event) => {
          // A digit that picks a word of a Chinese input method belongs to that.
          if (words !== "" || event.nativeEvent.isComposing || event.keyCode === 229) return;
          if (event.ctrlKey || event.metaKey || event.altKey) return;
          const line = byDigit(candidates, event.key);
          if (line === undefined) return;
          event.preventDefault();
          onChoose(line);
        }}
        showSearch={{ filterOption: false, onSearch: setWords }}
        placeholder={t`输入区县或街道，如：西湖`}
        value={chosen?.code ?? null}
        loading={found.isSearching}
        notFoundContent={
          words.trim() === "" ? (
            <Trans>输入地名查找</Trans>
          ) : found.isSearching ? (
            <Trans>正在查找</Trans>
          ) : (
            <Trans>没有这个地名</Trans>
          )
        }
        options={known.map((line) => ({ value: line.code, label: line.text }))}
        onChange={(code: string) => {
          const line = known.find((one) => one.code === code);
          if (line !== undefined) onChoose(line);
          setWords("");
        }}
      />
    </>
  );
}

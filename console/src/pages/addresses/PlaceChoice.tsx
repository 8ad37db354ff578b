import { Trans, useLingui } from "@lingui/react/macro";
import { Select } from "antd";
import { useState } from "react";
import type { AddressLine } from "@/api/types";
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
  const lines = words.trim() === "" ? candidates : (found.data ?? []);
  // The chosen one stays among the options, else only its code would be shown.
  const isThere = chosen === null || lines.some((line) => line.code === chosen.code);
  const known = isThere ? lines : [...lines, chosen];
  return (
    <Select
      className="place-choice"
      aria-label={t`选省市区`}
      autoFocus
      showSearch={{ filterOption: false, onSearch: setWords }}
      placeholder={t`输入区县或街道，如：西湖`}
      value={chosen?.code ?? null}
      loading={found.isFetching}
      notFoundContent={
        words.trim() === "" ? (
          <Trans>输入地名查找</Trans>
        ) : found.isFetching ? (
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
  );
}

/** A field for a SKU: found by words of its code or name, from the first letter typed. */
import "./SkuChoice.css";
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { AutoComplete } from "antd";
import { useState } from "react";
import { answer, api } from "@/api/client";
import type { SkuFacts, SkuList } from "@/api/types";

export function SkuChoice({
  label,
  value,
  hint,
  name,
  onChange,
}: {
  label: string;
  value: string;
  hint: string;
  name: string;
  onChange: (sku: string) => void;
}) {
  const { t } = useLingui();
  const [isAsking, setAsking] = useState(false);
  const words = isAsking ? value.trim() : "";
  const found = useSkus(words);
  const options = (found.data ?? []).map((sku) => ({
    value: sku.code,
    label: `${sku.code} ${sku.name}`,
  }));
  return (
    <div className="sku-choice">
      <AutoComplete
        aria-label={label}
        value={value}
        options={options}
        open={words !== "" && options.length > 0}
        onOpenChange={(isOpen) => {
          if (!isOpen) setAsking(false);
        }}
        onBlur={() => setAsking(false)}
        placeholder={hint !== "" ? t`“${hint}”是哪一款？输入货号或名称` : t`输入货号或名称`}
        onSelect={() => setAsking(false)}
        onChange={(next: string) => {
          onChange(next);
          setAsking(true);
        }}
      />
      {name !== "" && <span className="quiet sku-name">{name}</span>}
    </div>
  );
}

function useSkus(q: string) {
  return useQuery({
    queryKey: ["skus", q],
    enabled: q !== "",
    staleTime: 60_000,
    queryFn: async (): Promise<SkuFacts[]> => {
      const found = await answer<SkuList>(
        api.GET("/api/v1/catalog/skus", { params: { query: { q, limit: 20 } } }),
      );
      return found.items;
    },
  });
}

import { CloseOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Input } from "antd";
import { useEffect, useState } from "react";
import { SavedViews } from "./SavedViews";
import type { OrderFilter, OrderFilters } from "./search";

type Change = (changes: OrderFilters, how?: "push" | "replace") => void;

export function FilterBar({ filters, change }: { filters: OrderFilters; change: Change }) {
  const { t } = useLingui();
  const chips: { name: OrderFilter; label: string; isPhoneOnly?: boolean }[] = [
    { name: "q", label: t`查找`, isPhoneOnly: true },
    { name: "sku", label: t`商品编码` },
    { name: "tag", label: t`标签` },
    { name: "shop", label: t`店铺` },
  ];
  const clear: OrderFilters = { q: "", sku: "", tag: "", shop: "", open: "" };
  const isNarrowed = chips.some(({ name }) => filters[name] !== undefined);
  return (
    <div className="page-head filter-bar">
      <span className="desk-only">
        <Find value={filters.q ?? ""} onFind={(q) => change({ q, open: "" }, "replace")} />
      </span>
      {chips.map(({ name, label, isPhoneOnly }) =>
        filters[name] === undefined ? null : (
          <span key={name} className={isPhoneOnly ? "chip phone-only" : "chip"}>
            {label} {filters[name]}
            <button
              type="button"
              className="reset-button"
              aria-label={t`去掉筛选：${label}`}
              onClick={() => change({ [name]: "", open: "" })}
            >
              <CloseOutlined aria-hidden />
            </button>
          </span>
        ),
      )}
      {isNarrowed && (
        <Button type="link" onClick={() => change(clear)}>
          <Trans>清除筛选</Trans>
        </Button>
      )}
      <SavedViews filters={filters} />
    </div>
  );
}

/** Searches on Enter, and follows the URL when that changes. */
function Find({ value, onFind }: { value: string; onFind: (q: string) => void }) {
  const { t } = useLingui();
  const [words, setWords] = useState(value);
  useEffect(() => setWords(value), [value]);
  return (
    <Input.Search
      className="order-find"
      value={words}
      allowClear
      placeholder={t`订单号 / 手机尾号 / 商品编码 / 标签`}
      aria-label={t`在列表中查找`}
      onChange={(event) => {
        setWords(event.target.value);
        if (event.target.value === "" && value !== "") onFind("");
      }}
      onSearch={(found) => onFind(found.trim())}
    />
  );
}

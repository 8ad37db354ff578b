import { CloseOutlined, PushpinOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Button, Input, Popover } from "antd";
import { useState } from "react";
import { useSavedViews } from "./savedViews";
import { isSameFilter, type OrderFilters, savedPart } from "./search";

/** Views with a name, and the way to keep the present filters as one. */
export function SavedViews({ filters }: { filters: OrderFilters }) {
  const { t } = useLingui();
  const { views, save, remove } = useSavedViews();
  const [isNaming, setNaming] = useState(false);
  const isFiltered = Object.values(savedPart(filters)).some((value) => value !== undefined);
  const isKept = views.some((view) => isSameFilter(view.filters, filters));
  return (
    <>
      {views.map((view) => {
        const isOn = isSameFilter(view.filters, filters);
        const { name } = view;
        return (
          <span key={name} className={isOn ? "chip is-on" : "chip"}>
            <Link to="/orders" search={view.filters} aria-current={isOn ? "true" : undefined}>
              {name}
            </Link>
            <button
              type="button"
              className="reset-button"
              aria-label={t`删除视图 ${name}`}
              onClick={() => remove(name)}
            >
              <CloseOutlined aria-hidden />
            </button>
          </span>
        );
      })}
      {isFiltered && !isKept && (
        <Popover
          trigger="click"
          open={isNaming}
          onOpenChange={setNaming}
          destroyOnHidden
          content={
            <Naming
              onSave={(name) => {
                save(name, filters);
                setNaming(false);
              }}
            />
          }
        >
          <Button icon={<PushpinOutlined aria-hidden />}>
            <Trans>存为视图</Trans>
          </Button>
        </Popover>
      )}
    </>
  );
}

function Naming({ onSave }: { onSave: (name: string) => void }) {
  const { t } = useLingui();
  const [name, setName] = useState("");
  const done = () => {
    if (name.trim() !== "") onSave(name.trim());
  };
  return (
    <div className="naming">
      <Input
        autoFocus
        value={name}
        maxLength={20}
        placeholder={t`视图名，如：情人节未发`}
        aria-label={t`视图名`}
        onChange={(event) => setName(event.target.value)}
        onPressEnter={(event) => {
          if (!event.nativeEvent.isComposing) done();
        }}
      />
      <Button type="primary" onClick={done} disabled={name.trim() === ""}>
        <Trans>保存</Trans>
      </Button>
    </div>
  );
}

/** Files of orders: put in, their columns mapped, checked, carried out, and what came of them. */
import "./imports.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import { Section } from "@/kit/Section";
import { useFilters } from "@/kit/search";
import { EmptyState, ErrorState, LoadingState } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { DropFile } from "./DropFile";
import { ImportSheet } from "./ImportSheet";
import { TONES } from "./tones";
import { useImportList } from "./useImports";

export function ImportsPage() {
  const [filters, change] = useFilters<"open">();
  return (
    <div className="page">
      <div className="page-head">
        <h1 className="page-title">
          <Trans>导入订单</Trans>
        </h1>
        <span className="top-space" />
        {filters.open !== undefined && (
          <Button onClick={() => change({ open: "" })}>
            <Trans>返回列表</Trans>
          </Button>
        )}
      </div>
      {filters.open === undefined ? (
        <>
          <DropFile onPut={(open) => change({ open })} />
          <History onOpen={(open) => change({ open })} />
        </>
      ) : (
        <ImportSheet id={filters.open} key={filters.open} />
      )}
    </div>
  );
}

function History({ onOpen }: { onOpen: (id: string) => void }) {
  const { t } = useLingui();
  const list = useImportList();
  if (list.data === undefined) {
    return list.isLoading ? (
      <LoadingState rows={4} />
    ) : (
      <ErrorState error={list.error} onRetry={() => void list.refetch()} />
    );
  }
  const days = list.data.keep_days;
  return (
    <Section title={t`导入记录`}>
      {list.data.items.length === 0 ? (
        <EmptyState title={t`还没有导入过订单`}>
          <Trans>把平台导出的或手工登记的订单表拖到上面，先核对，再开始。</Trans>
        </EmptyState>
      ) : (
        <ul className="import-list">
          {list.data.items.map((one) => (
            <li key={one.id}>
              <button type="button" onClick={() => onOpen(one.id)}>
                <span className="import-name">{one.file_name || one.id}</span>
                <span className="quiet">
                  {one.shop} · <Time at={one.uploaded_at} kind="full" /> · {one.uploaded_by}
                </span>
                <Tag tone={TONES[one.state]}>{one.state_label}</Tag>
                <span className="quiet">
                  {one.done} / {one.orders}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <p className="import-note quiet">
        <Trans>文件里的收件人信息在完成 {days} 天后清除，数量和结果保留。</Trans>
      </p>
    </Section>
  );
}

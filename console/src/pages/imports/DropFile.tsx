import { InboxOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Select } from "antd";
import { type DragEvent, useRef, useState } from "react";
import { EmptyState, ErrorState } from "@/kit/states";
import { useFeedback } from "@/kit/useFeedback";
import { useImportShops, usePutFile } from "./useImports";

/** Drag a file here, or choose one; it is checked, and nothing is placed yet. */
export function DropFile({ onPut }: { onPut: (id: string) => void }) {
  const { t } = useLingui();
  const feedback = useFeedback();
  const shops = useImportShops();
  const put = usePutFile();
  const input = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [isOver, setOver] = useState(false);
  const options = (shops.data?.items ?? []).map((shop) => ({ value: shop.id, label: shop.name }));
  const shop = chosen ?? options[0]?.value ?? null;
  const take = (file: File | undefined) => {
    if (file === undefined || shop === null || put.isPending) return;
    put.mutate(
      { file, shopId: shop },
      { onSuccess: (detail) => onPut(detail.facts.id), onError: feedback.failed },
    );
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  if (shops.isError) {
    return <ErrorState error={shops.error} onRetry={() => void shops.refetch()} />;
  }
  if (shops.data !== undefined && options.length === 0) {
    return (
      <EmptyState title={t`没有可以导入订单的店铺`}>
        <Trans>平台店铺的订单由接口传来；请先在“店铺”里添加小程序、微信群或视频号店铺。</Trans>
      </EmptyState>
    );
  }
  return (
    <section
      className={isOver ? "import-drop sheet is-over" : "import-drop sheet"}
      aria-label={t`上传订单表`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <InboxOutlined aria-hidden className="import-icon" />
      <p>
        <Trans>把 Excel（.xlsx）或 CSV 文件拖到这里，最大 20 MB、5 万行</Trans>
      </p>
      <div className="import-bar">
        <Select
          aria-label={t`店铺`}
          className="import-shop"
          options={options}
          value={shop}
          onChange={setChosen}
        />
        <Button
          type="primary"
          loading={put.isPending}
          disabled={shop === null}
          onClick={() => input.current?.click()}
        >
          <Trans>选择文件</Trans>
        </Button>
      </div>
      <input
        ref={input}
        type="file"
        hidden
        accept=".csv,.txt,.xlsx,.xlsm"
        aria-label={t`订单表`}
        onChange={(event) => {
          take(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
    </section>
  );
}

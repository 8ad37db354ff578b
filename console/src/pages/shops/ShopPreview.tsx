import { Trans, useLingui } from "@lingui/react/macro";
import { Form, type FormInstance, Select } from "antd";
import { useEffect, useState } from "react";
import { ErrorState, LoadingState } from "@/kit/states";
import { previewBody, type ShopDraft } from "./draft";
import { usePreview } from "./useShops";

/** What this shop would show now, on some SKUs, before anything is saved. */
export function ShopPreview({
  form,
  initial,
}: {
  form: FormInstance<ShopDraft>;
  initial: ShopDraft;
}) {
  const { t } = useLingui();
  const typed = Form.useWatch((values: ShopDraft) => values, { form, preserve: true }) as
    | ShopDraft
    | undefined;
  const [skus, setSkus] = useState<string[]>([]);
  const wanted = JSON.stringify(previewBody({ ...initial, ...typed }, skus));
  const [settled, settle] = useState(wanted);
  useEffect(() => {
    const timer = setTimeout(() => settle(wanted), 300);
    return () => clearTimeout(timer);
  }, [wanted]);
  const preview = usePreview(JSON.parse(settled), true);
  return (
    <aside className="shop-preview" aria-label={t`预览`}>
      <h3>
        <Trans>保存后店铺现在会展示</Trans>
      </h3>
      <Select
        mode="tags"
        className="wide"
        aria-label={t`用哪些商品编码预览`}
        placeholder={t`输入商品编码，或看下面的示例`}
        value={skus}
        onChange={setSkus}
        maxCount={20}
        open={false}
        suffixIcon={null}
      />
      {preview.data === undefined ? (
        preview.isError ? (
          <ErrorState error={preview.error} onRetry={() => void preview.refetch()} />
        ) : (
          <LoadingState rows={5} />
        )
      ) : (
        <table className="shop-shown">
          <thead>
            <tr>
              <th scope="col">
                <Trans>商品</Trans>
              </th>
              <th scope="col" className="number">
                <Trans>可售</Trans>
              </th>
              <th scope="col" className="number">
                <Trans>展示</Trans>
              </th>
            </tr>
          </thead>
          <tbody>
            {preview.data.items.map((one) => (
              <tr key={one.sku}>
                <td>
                  {one.name} <span className="mono quiet">{one.sku}</span>
                  {one.limit !== "none" && (
                    <div className="quiet">
                      {one.scope_label} · {one.limit_label}
                      {one.part !== null && ` ${one.part}`}
                    </div>
                  )}
                </td>
                {one.is_counted ? (
                  <>
                    <td className="number">{one.sellable}</td>
                    <td className="number">
                      <strong>{one.quantity}</strong>
                    </td>
                  </>
                ) : (
                  <td colSpan={2} className="quiet number">
                    <Trans>没有库存记录</Trans>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </aside>
  );
}

import { useLingui } from "@lingui/react/macro";
import { EmptyState } from "@/kit/states";

export function StockPage() {
  const { t } = useLingui();
  return <EmptyState title={t`这一页还没有内容`} />;
}

import { useLingui } from "@lingui/react/macro";
import { EmptyState } from "@/kit/states";

export function TodayPage() {
  const { t } = useLingui();
  return <EmptyState title={t`这一页还没有内容`} />;
}

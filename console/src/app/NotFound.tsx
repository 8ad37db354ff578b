import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { EmptyState } from "@/kit/states";

export function NotFound() {
  const { t } = useLingui();
  return (
    <EmptyState title={t`没有这个页面`}>
      <Link to="/today">
        <Trans>回到今日</Trans>
      </Link>
    </EmptyState>
  );
}

import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { answer, api } from "@/api/client";
import { EmptyState, ErrorState } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { Time } from "@/kit/Time";
import { keys } from "@/live/invalidate";

const SHOWN = 5;

export function OpenItems() {
  const { t } = useLingui();
  const items = useQuery({
    queryKey: [...keys.workItems, "today"],
    queryFn: () =>
      answer(api.GET("/api/v1/work-items", { params: { query: { state: "open", limit: SHOWN } } })),
  });
  const rows = items.data?.items ?? [];
  return (
    <section className="panel sheet" aria-labelledby="open-items">
      <div className="panel-head">
        <h2 id="open-items">
          <Trans>待处理异常</Trans>
        </h2>
        <Link to="/exceptions" search={{}}>
          <Trans>异常队列</Trans>
        </Link>
      </div>
      {items.error !== null && rows.length === 0 && <ErrorState error={items.error} />}
      {items.isSuccess && rows.length === 0 && <EmptyState title={t`没有待处理的异常`} />}
      <ul>
        {rows.map((item) => (
          <li key={item.id}>
            <Link to="/exceptions" search={{ open: item.id }} className="line is-item">
              <Tag tone={item.is_overdue ? "red" : "amber"}>{item.kind_label}</Tag>
              <span className="one-line">{item.title}</span>
              <span className="quiet line-time">
                <Time at={item.created_at} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

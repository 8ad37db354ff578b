import { useLingui } from "@lingui/react/macro";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { Today } from "@/api/types";
import { count } from "@/kit/format";
import { useMay } from "@/kit/session";
import { useFlash } from "@/kit/useFlash";

interface Figure {
  label: string;
  value: number;
  hint: string;
  tone?: "red" | "amber" | "green";
  link: LinkProps;
}

export function Numbers({ today }: { today: Today }) {
  const { t } = useLingui();
  const mayItems = useMay("exceptions.read");
  const median = today.median_seconds_to_reserve;
  const figures: Figure[] = [
    {
      label: t`今日订单`,
      value: today.orders_today,
      hint: t`已付款 ${today.paid_today} 单`,
      link: { to: "/orders", search: { sort: "-placed_at" } },
    },
    {
      label: t`待预占`,
      value: today.waiting,
      hint: today.waiting === 0 ? t`没有订单在等库存` : t`等库存或等分仓`,
      ...(today.waiting > 0 ? { tone: "amber" } : {}),
      link: { to: "/orders", search: { view: "waiting" } },
    },
    {
      label: t({ message: "挂起", context: "status" }),
      value: today.held,
      hint: today.held === 0 ? t`没有订单被拦下` : t`要有人解除才会继续`,
      ...(today.held > 0 ? { tone: "red" } : {}),
      link: { to: "/orders", search: { view: "held" } },
    },
    {
      label: t`预占将到期`,
      value: today.reservations_ending_soon,
      hint: t`5 分钟之内`,
      ...(today.reservations_ending_soon > 0 ? { tone: "amber" } : {}),
      link: { to: "/orders", search: { sort: "expires_at" } },
    },
    {
      label: t`今日已发运`,
      value: today.shipped_today,
      hint: median === null ? t`付款到预占：暂无数据` : t`付款到预占 ${seconds(median)}（中位数）`,
      tone: "green",
      link: { to: "/orders", search: { view: "shipped" } },
    },
  ];
  if (mayItems) {
    figures.splice(4, 0, {
      label: t`待处理异常`,
      value: today.open_work_items,
      hint: today.open_work_items === 0 ? t`都处理完了` : t`去异常队列处理`,
      ...(today.open_work_items > 0 ? { tone: "red" } : {}),
      link: { to: "/exceptions" },
    });
  }
  return (
    <ul className="figures">
      {figures.map((figure) => (
        <li key={figure.label}>
          <Card figure={figure} />
        </li>
      ))}
    </ul>
  );
}

function Card({ figure }: { figure: Figure }) {
  const isFlashing = useFlash(figure.value);
  return (
    <Link {...figure.link} className="figure sheet">
      <span className="figure-label">{figure.label}</span>
      <span className={isFlashing ? "figure-value flash" : "figure-value"}>
        {count(figure.value)}
      </span>
      <span className={`figure-hint ${figure.tone === undefined ? "" : `is-${figure.tone}`}`}>
        {figure.hint}
      </span>
    </Link>
  );
}

/** 62 ms under a second, else 1.4 s. */
export function seconds(value: number): string {
  return value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`;
}

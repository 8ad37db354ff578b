import { Trans, useLingui } from "@lingui/react/macro";
import type { PaymentBill, PaymentDay, PaymentSide } from "@/api/types";
import { count } from "@/kit/format";
import { Money } from "@/kit/Money";
import { Tag } from "@/kit/Tag";
import { dayName, TONES } from "./days";

/** One day in the list: both sides of each provider, and whether they agree. */
export function DayCard({
  day,
  today,
  isOpen,
  onOpen,
}: {
  day: PaymentDay;
  today: string;
  isOpen: boolean;
  onOpen: () => void;
}) {
  const { i18n } = useLingui();
  return (
    <li className={isOpen ? "pay-day sheet is-open" : "pay-day sheet"}>
      <div className="pay-day-head">
        <h2>
          <button type="button" className="pay-day-name" onClick={onOpen}>
            {dayName(day.day, i18n.locale, today)}
          </button>
        </h2>
        <DayStamp day={day} />
      </div>
      <Sides accounts={day.accounts} />
      <Problem day={day} />
    </li>
  );
}

/** Why a bill is not there: said once where it is the same for all. */
function Problem({ day }: { day: PaymentDay }) {
  const told = new Set(day.accounts.map((one) => one.problem).filter((words) => words !== ""));
  return [...told].map((words) => (
    <p key={words} className="pay-note pay-problem">
      {words}
    </p>
  ));
}

export function DayStamp({ day }: { day: PaymentDay }) {
  return (
    <span className="pay-stamps">
      {day.is_running && (
        <Tag tone="amber">
          <Trans>当天未完</Trans>
        </Tag>
      )}
      <Tag tone={TONES[day.stamp]}>
        {day.open > 0 ? <Trans>{day.open} 处差异</Trans> : day.stamp_label}
      </Tag>
    </span>
  );
}

/** Bill and books side by side, a row for each merchant account. */
export function Sides({ accounts }: { accounts: readonly PaymentBill[] }) {
  return (
    <table className="pay-sides">
      <thead>
        <tr>
          <th scope="col">
            <Trans>支付平台</Trans>
          </th>
          <th scope="col" className="number">
            <Trans>对账单</Trans>
          </th>
          <th scope="col" className="number">
            <Trans>一诺</Trans>
          </th>
          <th scope="col" className="pay-result">
            <Trans>结果</Trans>
          </th>
        </tr>
      </thead>
      <tbody>
        {accounts.map((one) => (
          <tr key={`${one.provider} ${one.account}`}>
            <th scope="row">
              {one.provider_label}
              {one.account !== "main" && <span className="mono pay-account">{one.account}</span>}
            </th>
            <td className="number">
              <Side side={one.bill} />
            </td>
            <td className="number">
              <Side side={one.hub} />
            </td>
            <td className="pay-result">
              <Tag tone={TONES[one.stamp]}>{one.stamp_label}</Tag>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Side({ side }: { side: PaymentSide | null }) {
  if (side === null) return <span className="quiet">—</span>;
  return (
    <>
      <span className="pay-line">
        <span className="quiet">
          <Trans>收 {count(side.payments)} 笔</Trans>
        </span>{" "}
        <Money fen={side.paid_fen} />
      </span>
      {side.refunds > 0 && (
        <span className="pay-line">
          <span className="quiet">
            <Trans>退 {count(side.refunds)} 笔</Trans>
          </span>{" "}
          <Money fen={side.refunded_fen} />
        </span>
      )}
    </>
  );
}

import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { OrderDetail, TimelineStep } from "@/api/types";
import { fullTime, timeOfDay } from "@/kit/format";
import { Section } from "@/kit/Section";

/** Every step of the order with its why, the newest first. */
export function Timeline({ order }: { order: OrderDetail }) {
  const { t } = useLingui();
  const steps = [...order.timeline].reverse();
  return (
    <Section title={t`时间线`}>
      <ol className="timeline">
        {steps.map((step) => (
          <Step key={step.id} step={step} />
        ))}
      </ol>
    </Section>
  );
}

function Step({ step }: { step: TimelineStep }) {
  const { t } = useLingui();
  const [isOpen, setOpen] = useState(false);
  const details = Object.entries(step.details);
  return (
    <li className="step">
      <div className="step-line">
        <strong>{step.title}</strong>
        <span className="quiet">{step.actor}</span>
        {details.length > 0 && (
          <button
            type="button"
            className="reset-button step-more"
            aria-expanded={isOpen}
            aria-label={t`原始数据：${step.title}`}
            title={t`原始数据`}
            onClick={() => setOpen(!isOpen)}
          >
            ···
          </button>
        )}
        <time className="mono quiet step-time" dateTime={step.at} title={fullTime(step.at)}>
          {fullTime(step.at).slice(5, 10)} {timeOfDay(step.at)}
        </time>
      </div>
      {step.why !== "" && <p className="step-why">{step.why}</p>}
      {isOpen && (
        <dl className="step-details mono">
          {details.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

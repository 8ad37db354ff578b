import { Trans, useLingui } from "@lingui/react/macro";
import { Section } from "@/kit/Section";
import { Tag } from "@/kit/Tag";
import { useGeocoder } from "./useAddresses";

/** The day's questions to the map beside their budget, and what happens when it is used up. */
export function Budget() {
  const { t } = useLingui();
  const { data } = useGeocoder();
  if (data === undefined) return null;
  const { is_configured: isConfigured, used, budget } = data;
  const isSpent = used >= budget;
  const share = budget === 0 ? 1 : Math.min(1, used / budget);
  return (
    <Section
      title={t`高德地图`}
      aside={
        !isConfigured ? (
          <Tag tone="grey">{t`没有连接`}</Tag>
        ) : isSpent ? (
          <Tag tone="amber">{t`今天已用完`}</Tag>
        ) : (
          <Tag tone="green">{t`使用中`}</Tag>
        )
      }
    >
      <div className="budget">
        {isConfigured ? (
          <>
            <p>
              <strong>
                <Trans>
                  今天 {used} / {budget} 次
                </Trans>
              </strong>
              <span className="bar" aria-hidden="true">
                <span style={{ width: `${share * 100}%` }} />
              </span>
            </p>
            <p className="quiet">
              {isSpent ? (
                <Trans>额度已用完：拿不准的地址等人确认，明天零点重新计数。</Trans>
              ) : (
                <Trans>
                  只查拿不准的地址，答案会保存；额度用完后，拿不准的地址等人确认，明天零点重新计数。
                </Trans>
              )}
            </p>
          </>
        ) : (
          <p className="quiet">
            <Trans>没有连接高德地图：拿不准的地址都等人确认。</Trans>
          </p>
        )}
      </div>
    </Section>
  );
}

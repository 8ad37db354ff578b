import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Checkbox, Input, Radio } from "antd";
import type { AddressLine, CorrectionPreview, WantedAlias } from "@/api/types";
import { wordsOf } from "@/kit/states";

export interface AliasDraft {
  isOn: boolean;
  text: string;
  scope: "everywhere" | "shop" | "city";
}

/** The alias as the server takes it; null when none is wished, or nothing is chosen yet. */
export function wishOf(
  draft: AliasDraft,
  shopId: string,
  chosen: AddressLine | null,
): WantedAlias | null {
  if (!draft.isOn || draft.text.trim() === "" || chosen === null) return null;
  const values = { everywhere: "", shop: shopId, city: chosen.city?.code ?? "" };
  return { text: draft.text.trim(), scope: draft.scope, scope_value: values[draft.scope] };
}

/** What to remember from a correction, and what that would do before it is saved. */
export function AliasWish({
  draft,
  onChange,
  preview,
  error,
}: {
  draft: AliasDraft;
  onChange: (draft: AliasDraft) => void;
  preview: CorrectionPreview | undefined;
  error: unknown;
}) {
  const { t } = useLingui();
  return (
    <div className="alias-wish">
      <Checkbox
        checked={draft.isOn}
        onChange={(event) => onChange({ ...draft, isOn: event.target.checked })}
      >
        <Trans>存为别名，下次自动认出</Trans>
      </Checkbox>
      {draft.isOn && (
        <>
          <Input
            aria-label={t`别名`}
            value={draft.text}
            maxLength={40}
            placeholder={t`小区、园区或俗称，不写门牌和人名`}
            onChange={(event) => onChange({ ...draft, text: event.target.value })}
          />
          <Radio.Group
            aria-label={t`别名的范围`}
            value={draft.scope}
            onChange={(event) => onChange({ ...draft, scope: event.target.value })}
            options={[
              { value: "everywhere", label: t`所有订单` },
              { value: "city", label: t`仅本城市` },
              { value: "shop", label: t`仅本店铺` },
            ]}
          />
          <Told preview={preview} error={error} />
        </>
      )}
    </div>
  );
}

function Told({ preview, error }: { preview: CorrectionPreview | undefined; error: unknown }) {
  const { t } = useLingui();
  if (error !== null && error !== undefined) {
    const told = wordsOf(error);
    return <Alert type="warning" title={told?.message ?? t`暂时算不出影响`} />;
  }
  if (preview === undefined) return null;
  if (preview.is_clean) {
    return (
      <p className="quiet" role="status">
        {preview.is_understood ? (
          <Trans>没有冲突；会一并确定另外 {preview.settles_total} 单待确认的地址。</Trans>
        ) : (
          <Trans>只凭这几个字，这个地址下次仍认不出来。请换一个更有特点的说法。</Trans>
        )}
      </p>
    );
  }
  return (
    <Alert
      type="warning"
      title={t`与已有的规则冲突`}
      description={
        <ul className="conflicts">
          {preview.conflicts.map((one) => (
            <li key={one.id}>
              <Trans>
                别名“{one.text}”现在指 {one.line.text}
              </Trans>
            </li>
          ))}
          {preview.broken.map((one) => (
            <li key={one.text}>
              <Trans>
                “{one.text}”会从 {one.expected.text} 变成 {one.found.text}
              </Trans>
            </li>
          ))}
        </ul>
      }
    />
  );
}

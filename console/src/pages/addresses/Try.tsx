import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Input } from "antd";
import { useState } from "react";
import type { AddressDivision, TriedAddress } from "@/api/types";
import { AddressReasons } from "@/kit/AddressReasons";
import { Section } from "@/kit/Section";
import { ErrorState } from "@/kit/states";
import { Tag } from "@/kit/Tag";
import { Marked } from "./Marked";
import { percent } from "./search";
import { useTry } from "./useAddresses";

const MOST_LETTERS = 2000;

/** Any text: what it would be read as, and why. Nothing of it is kept. */
export function Try() {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const tried = useTry();
  const run = () => {
    if (text.trim() !== "") tried.mutate(text);
  };
  const found = tried.data;
  return (
    <div className="address-try">
      <div className="try-ask">
        <Input.TextArea
          autoFocus
          rows={3}
          maxLength={MOST_LETTERS}
          value={text}
          aria-label={t`要试的地址`}
          placeholder={t`粘贴任何写法的地址，姓名电话混在一起也可以`}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
          }}
        />
        <div className="try-bar">
          <Button type="primary" onClick={run} loading={tried.isPending}>
            <Trans>识别</Trans>
          </Button>
          <span className="quiet">
            <Trans>只在这里显示，不保存</Trans>
          </span>
        </div>
      </div>
      {tried.error !== null && <ErrorState error={tried.error} onRetry={run} />}
      {found !== undefined && tried.error === null && (
        <Found found={found} text={tried.variables ?? ""} />
      )}
    </div>
  );
}

function Found({ found, text }: { found: TriedAddress; text: string }) {
  const { t } = useLingui();
  const levels = [found.line.province, found.line.city, found.line.district, found.line.town];
  const phone = [found.phone, found.phone_extension].filter(Boolean).join("-");
  return (
    <Section
      title={t`识别结果`}
      aside={
        <Tag tone={found.doubt === null ? "green" : "amber"}>
          {found.doubt === null ? t`可自动通过` : found.doubt_label}
        </Tag>
      }
    >
      <div className="correction-part">
        <Marked text={text} evidence={found.evidence} contradictions={found.contradictions} />
        <dl className="try-facts">
          {levels.map((level) => level !== null && <Level key={level.code} level={level} />)}
          <Fact name={t`详细地址`}>{found.rest}</Fact>
          <Fact name={t`姓名`}>{found.name ?? ""}</Fact>
          <Fact name={t`电话`}>{phone}</Fact>
          <Fact name={t`把握`}>{percent(found.confidence)}</Fact>
        </dl>
        <AddressReasons
          doubts={found.contradictions.map((one) => one.words)}
          evidence={found.evidence.map((one) => one.words)}
        />
        {found.candidates.length > 1 && (
          <p className="quiet">
            <Trans>也考虑过：</Trans>
            {found.candidates
              .slice(1)
              .map((one) => one.line.text)
              .join("；")}
          </p>
        )}
      </div>
    </Section>
  );
}

function Level({ level }: { level: AddressDivision }) {
  return (
    <Fact name={level.level_label}>
      {level.name} <span className="mono quiet">{level.code}</span>
    </Fact>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children === "" ? "—" : children}</dd>
    </div>
  );
}

import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import { useState } from "react";
import { answer, api } from "@/api/client";
import type { AlikeItems, WorkItem } from "@/api/types";
import { SkuChoice } from "@/kit/SkuChoice";
import { useMay } from "@/kit/session";
import { useFeedback } from "@/kit/useFeedback";
import type { BulkRunner } from "./useBulk";

type Listings = NonNullable<WorkItem["unknown_listings"]>;

/** Says once which SKU a shop's product sells: every order that waits for it goes on. */
export function ListingFix({
  itemId,
  listings,
  bulk,
}: {
  itemId: string;
  listings: Listings;
  bulk: BulkRunner;
}) {
  const { t } = useLingui();
  const feedback = useFeedback();
  const mayMap = useMay("catalog.write");
  const [skus, setSkus] = useState<Readonly<Record<string, string>>>({});
  const [isSaving, setSaving] = useState(false);
  if (!mayMap) {
    return (
      <p className="quiet">
        <Trans>请运营在这里为平台商品指定商品编码，订单就会继续。</Trans>
      </p>
    );
  }
  const chosen = listings.codes.filter((code) => (skus[code] ?? "").trim() !== "");
  const save = async () => {
    setSaving(true);
    try {
      // Asked before saving: who waits for these products now is who is tried again.
      const alike = await answer<AlikeItems>(
        api.GET("/api/v1/work-items/{item_id}/alike", { params: { path: { item_id: itemId } } }),
      );
      for (const code of chosen) {
        const sku = (skus[code] ?? "").trim();
        await answer(
          api.PUT("/api/v1/catalog/listings", { body: { shop_id: listings.shop_id, code, sku } }),
        );
      }
      const ended = await bulk.run(alike.ids, { action: "retry" });
      if (ended.refused.length === 0) feedback.done(t`已记住，以后的订单也这样认`);
    } catch (error) {
      feedback.failed(error);
    } finally {
      setSaving(false);
    }
  };
  return (
    <form
      className="listing-fix"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <p className="alike-words">
        <Trans>这个店铺的商品对应哪个商品编码？说一次，以后的订单也这样认。</Trans>
      </p>
      {listings.codes.map((code) => (
        <div key={code} className="listing-line">
          <span className="mono listing-code">{code}</span>
          <SkuChoice
            label={t`${code} 的商品编码`}
            value={skus[code] ?? ""}
            hint=""
            name=""
            onChange={(sku) => setSkus((known) => ({ ...known, [code]: sku }))}
          />
        </div>
      ))}
      <Button
        type="primary"
        htmlType="submit"
        loading={isSaving}
        disabled={chosen.length === 0 || (bulk.state?.isRunning ?? false)}
      >
        <Trans>指定并重试同类</Trans>
      </Button>
    </form>
  );
}

import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { answer, api } from "@/api/client";
import type { ObservedList } from "@/api/types";
import { Money } from "@/kit/Money";
import { useMay } from "@/kit/session";
import { keys } from "@/live/invalidate";

/** What observing found in all shops, where there is anything. */
export function ObservedNote() {
  const may = useMay("shops.read");
  const found = useQuery({
    queryKey: [...keys.shops, "observed"],
    queryFn: () => answer<ObservedList>(api.GET("/api/v1/observed")),
    enabled: may,
  });
  if (found.data === undefined || found.data.prevented === 0) return null;
  const first = found.data.items.find((one) => one.prevented > 0);
  return (
    <p className="stock-observed">
      <Link to="/shops" search={first === undefined ? {} : { open: first.shop_id }}>
        <Trans>
          旁观的店铺已避免超卖 {found.data.prevented} 单，值 <Money fen={found.data.worth_fen} />
        </Trans>
      </Link>
    </p>
  );
}

import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Seal } from "@/kit/Seal";
import { useMe } from "@/kit/session";
import { todayQuery } from "@/kit/todayQuery";
import { type Place, placesFor } from "./nav";

export function useCounts(): (place: Place) => number {
  const me = useMe();
  const may = me?.permissions.includes("orders.read") ?? false;
  const { data } = useQuery({ ...todayQuery, enabled: may });
  return (place) => (data === undefined ? 0 : (place.count?.(data) ?? 0));
}

export function RailLinks({ places, onGo }: { places: readonly Place[]; onGo?: () => void }) {
  const { i18n, t } = useLingui();
  const countOf = useCounts();
  return places.map((place) => {
    const open = countOf(place);
    return (
      <Link
        key={place.to}
        to={place.to}
        className="rail-link"
        activeProps={{ className: "active" }}
        {...(onGo === undefined ? {} : { onClick: onGo })}
      >
        <span aria-hidden="true">{place.icon}</span>
        {i18n._(place.label)}
        {open > 0 && (
          <span className="rail-badge" title={t`待处理 ${open} 件`}>
            {open}
          </span>
        )}
      </Link>
    );
  });
}

/** The desk's left rail. */
export function Rail() {
  const me = useMe();
  const { t } = useLingui();
  const places = placesFor(me?.permissions ?? []);
  const proof = places.filter((place) => place.isProof);
  return (
    <nav className="rail" aria-label={t`主导航`}>
      <Link to="/today" className="brand">
        <Seal />
        <Trans>一诺</Trans>
      </Link>
      <RailLinks places={places.filter((place) => !place.isProof)} />
      {proof.length > 0 && (
        <div className="rail-group">
          <Trans>运行与核查</Trans>
        </div>
      )}
      <RailLinks places={proof} />
    </nav>
  );
}

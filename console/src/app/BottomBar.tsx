/** The phone's navigation: four places at hand, the others behind 更多. */
import { MenuOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useMe } from "@/kit/session";
import { placesFor } from "./nav";
import { useCounts } from "./Rail";

const AT_HAND = 4;

const PhoneMenu = lazy(async () => ({ default: (await import("./PhoneMenu")).PhoneMenu }));

export function BottomBar() {
  const { i18n, t } = useLingui();
  const me = useMe();
  const countOf = useCounts();
  const [isOpen, setOpen] = useState<boolean>(); // undefined until it is first asked for
  const places = placesFor(me?.permissions ?? []);
  return (
    <nav className="bottom-bar phone-only" aria-label={t`主导航`}>
      {places.slice(0, AT_HAND).map((place) => (
        <Link
          key={place.to}
          to={place.to}
          className="bottom-link"
          activeProps={{ className: "active" }}
        >
          <span aria-hidden="true">{place.icon}</span>
          {i18n._(place.label)}
          {countOf(place) > 0 && <span className="bottom-badge">{countOf(place)}</span>}
        </Link>
      ))}
      <button type="button" className="bottom-link reset-button" onClick={() => setOpen(true)}>
        <MenuOutlined aria-hidden />
        <Trans>更多</Trans>
      </button>
      {isOpen !== undefined && (
        <Suspense>
          <PhoneMenu
            places={places.slice(AT_HAND)}
            isOpen={isOpen}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      )}
    </nav>
  );
}

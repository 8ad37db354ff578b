/** The phone's navigation: four places at hand, the others behind 更多. */
import { LogoutOutlined, MenuOutlined, TranslationOutlined } from "@ant-design/icons";
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Drawer } from "antd";
import { useState } from "react";
import { useMe } from "@/kit/session";
import { LiveBadge } from "./LiveBadge";
import { placesFor } from "./nav";
import { RailLinks, useCounts } from "./Rail";
import { useAccount } from "./useAccount";

const AT_HAND = 4;

export function BottomBar() {
  const { i18n, t } = useLingui();
  const me = useMe();
  const account = useAccount();
  const countOf = useCounts();
  const [isOpen, setOpen] = useState(false);
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
      <Drawer
        open={isOpen}
        onClose={() => setOpen(false)}
        placement="bottom"
        size={places.length > AT_HAND ? 380 : 240}
        title={me === undefined ? undefined : `${me.name} · ${me.role_label}`}
        extra={<LiveBadge />}
      >
        <div className="phone-menu">
          <RailLinks places={places.slice(AT_HAND)} onGo={() => setOpen(false)} />
          <button
            type="button"
            className="rail-link reset-button"
            onClick={() => {
              setOpen(false);
              account.switchLanguage();
            }}
          >
            <TranslationOutlined aria-hidden /> {account.otherLanguage}
          </button>
          <button type="button" className="rail-link reset-button" onClick={account.signOut}>
            <LogoutOutlined aria-hidden /> <Trans>退出登录</Trans>
          </button>
        </div>
      </Drawer>
    </nav>
  );
}

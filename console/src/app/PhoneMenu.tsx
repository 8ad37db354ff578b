import { LogoutOutlined, TranslationOutlined } from "@ant-design/icons";
import { Trans } from "@lingui/react/macro";
import { Drawer } from "antd";
import { useMe } from "@/kit/session";
import { LiveBadge } from "./LiveBadge";
import type { Place } from "./nav";
import { RailLinks } from "./Rail";
import { useAccount } from "./useAccount";

const ENTRY_PX = 48;
const REST_PX = 210;

/** The places that are not at hand on a phone, and the account. */
export function PhoneMenu({
  places,
  isOpen,
  onClose,
}: {
  places: readonly Place[];
  isOpen: boolean;
  onClose: () => void;
}) {
  const me = useMe();
  const account = useAccount();
  return (
    <Drawer
      open={isOpen}
      onClose={onClose}
      placement="bottom"
      size={REST_PX + ENTRY_PX * places.length}
      title={me === undefined ? undefined : `${me.name} · ${me.role_label}`}
      extra={<LiveBadge />}
    >
      <div className="phone-menu">
        <RailLinks places={places} onGo={onClose} />
        <button
          type="button"
          className="rail-link reset-button"
          onClick={() => {
            onClose();
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
  );
}

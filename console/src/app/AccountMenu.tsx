import { DownOutlined, LogoutOutlined } from "@ant-design/icons";
import { useLingui } from "@lingui/react/macro";
import { Button, Dropdown } from "antd";
import { useMe } from "@/kit/session";
import { useAccount } from "./useAccount";

/** Who is signed in, and the way out. */
export function AccountMenu() {
  const { t } = useLingui();
  const me = useMe();
  const account = useAccount();
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: [
          { key: "role", label: me?.role_label, disabled: true },
          { type: "divider" },
          {
            key: "out",
            icon: <LogoutOutlined aria-hidden />,
            label: t`退出登录`,
            onClick: account.signOut,
          },
        ],
      }}
    >
      <Button type="text" className="desk-only">
        {me?.name} <DownOutlined aria-hidden style={{ fontSize: 10 }} />
      </Button>
    </Dropdown>
  );
}

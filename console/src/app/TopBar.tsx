import { SearchOutlined } from "@ant-design/icons";
import { useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { Button, Input, type InputRef } from "antd";
import { lazy, Suspense, useRef, useState } from "react";
import { useCommands } from "@/kit/keyboard";
import { useMe } from "@/kit/session";
import { LiveBadge } from "./LiveBadge";
import { useAccount } from "./useAccount";

// Menus weigh more than the bar itself: they come after the first page.
const AccountMenu = lazy(async () => ({
  default: (await import("./AccountMenu")).AccountMenu,
}));

export function TopBar() {
  return (
    <header className="top">
      <Search />
      <span className="top-space" />
      <LiveBadge />
      <Account />
    </header>
  );
}

/** One search for orders from everywhere; `/` brings the cursor here. */
function Search() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const input = useRef<InputRef>(null);
  const [words, setWords] = useState("");
  useCommands({ "/": () => input.current?.focus({ cursor: "all" }) });
  const go = () => {
    const q = words.trim();
    if (q === "") return;
    void navigate({ to: "/orders", search: { q } });
    setWords("");
    input.current?.blur();
  };
  return (
    <div role="search" className="top-search">
      <Input
        ref={input}
        value={words}
        onChange={(event) => setWords(event.target.value)}
        onPressEnter={(event) => {
          if (!event.nativeEvent.isComposing) go();
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") input.current?.blur();
        }}
        prefix={<SearchOutlined aria-hidden style={{ color: "var(--ink-3)" }} />}
        suffix={<kbd className="key desk-only">/</kbd>}
        placeholder={t`订单号 / 手机尾号 / 商品编码 / 标签`}
        aria-label={t`搜索订单`}
      />
    </div>
  );
}

function Account() {
  const me = useMe();
  const account = useAccount();
  return (
    <>
      <Button type="text" className="desk-only" onClick={account.switchLanguage}>
        {account.otherLanguage}
      </Button>
      <Suspense fallback={<span className="quiet desk-only">{me?.name}</span>}>
        <AccountMenu />
      </Suspense>
    </>
  );
}

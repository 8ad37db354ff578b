/** What stands around every page once somebody is signed in. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { Spin } from "antd";
import { isSignedOut } from "@/api/errors";
import { meQuery } from "@/kit/session";
import { ErrorState } from "@/kit/states";
import { LiveProvider, useLiveState } from "@/live/LiveProvider";
import { BottomBar } from "./BottomBar";
import { Rail } from "./Rail";
import { TopBar } from "./TopBar";

export function Shell() {
  const me = useQuery(meQuery);
  const { t } = useLingui();
  if (me.data !== undefined) {
    return (
      <LiveProvider>
        <Frame />
      </LiveProvider>
    );
  }
  if (me.error !== null && !isSignedOut(me.error))
    return <ErrorState error={me.error} onRetry={() => void me.refetch()} />;
  // Signed out: the way to the sign-in page is already taken, see console.ts.
  return (
    <div className="splash" role="status" aria-label={t`正在载入`}>
      <Spin size="large" />
    </div>
  );
}

function Frame() {
  return (
    <div className="shell">
      <a href="#main" className="skip-link">
        <Trans>跳到正文</Trans>
      </a>
      <TopBar />
      <Rail />
      <main className="main" id="main" tabIndex={-1}>
        <LostBanner />
        <Outlet />
      </main>
      <BottomBar />
    </div>
  );
}

function LostBanner() {
  const isLost = useLiveState() === "lost";
  if (!isLost) return null;
  return (
    <div className="banner" role="status">
      <Trans>实时连接断开了，页面上的数字可能不是最新。连上后会自动更新，不用刷新。</Trans>
    </div>
  );
}

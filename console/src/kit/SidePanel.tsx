/** A panel at the right that leaves the list beside it alive: no mask, Escape closes it. */
import { CloseOutlined } from "@ant-design/icons";
import { useLingui } from "@lingui/react/macro";
import { Button } from "antd";
import { type ReactNode, useEffect, useRef } from "react";
import { useCommands } from "./keyboard";

export function SidePanel({
  label,
  header,
  children,
  onClose,
  focusKey,
}: {
  label: string;
  header: ReactNode;
  children: ReactNode;
  onClose: () => void;
  /** The cursor moves into the panel when this changes (another thing was opened on purpose). */
  focusKey?: string;
}) {
  const { t } = useLingui();
  const box = useRef<HTMLElement>(null);
  useCommands({ Escape: onClose });
  // biome-ignore lint/correctness/useExhaustiveDependencies: focusKey is the reason to look again
  useEffect(() => {
    box.current?.scrollTo({ top: 0 });
  }, [focusKey]);
  return (
    <aside className="side-panel" aria-label={label} ref={box}>
      <div className="side-panel-head">
        <div className="side-panel-title">{header}</div>
        <Button
          type="text"
          icon={<CloseOutlined aria-hidden />}
          aria-label={t`关闭（Esc）`}
          title={t`关闭（Esc）`}
          onClick={onClose}
        />
      </div>
      {children}
    </aside>
  );
}

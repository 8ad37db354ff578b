import { useEffect, useRef, useState } from "react";

const FLASH_MS = 1_200;

/** True for a moment after `value` changed, never on first sight. */
export function useFlash(value: unknown): boolean {
  const before = useRef(value);
  const [isFlashing, setFlashing] = useState(false);
  useEffect(() => {
    if (before.current === value) return;
    before.current = value;
    setFlashing(true);
    const timer = setTimeout(() => setFlashing(false), FLASH_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return isFlashing;
}

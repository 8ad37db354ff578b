/** Single-key commands that keep out of the way of typing and of Chinese input. */
import { useEffect, useRef } from "react";

export type Commands = { [key: string]: () => void };

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.closest("input, textarea, select, [role=combobox]") !== null)
  );
}

/** A control of its own handles Enter and Space itself. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, a, [role=menuitem]") !== null;
}

export function commandFor(event: KeyboardEvent, commands: Commands): (() => void) | undefined {
  // keyCode 229: Safari's last key of a composition comes without isComposing.
  if (event.isComposing || event.keyCode === 229) return undefined;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return undefined;
  if (isTyping(event.target)) return undefined;
  if ((event.key === "Enter" || event.key === " ") && isControl(event.target)) return undefined;
  return commands[event.key.length === 1 ? event.key.toLowerCase() : event.key];
}

/** Listen on the whole page while the component stands; an open dialog has the keys to itself. */
export function useCommands(commands: Commands): void {
  const newest = useRef(commands);
  newest.current = commands;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (document.querySelector("[role=dialog][aria-modal=true]") !== null) return;
      const command = commandFor(event, newest.current);
      if (command === undefined) return;
      event.preventDefault();
      command();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}

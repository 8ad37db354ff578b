/** Keeps what the page shows fresh, and tells whether it is. */
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { Gatherer } from "./gather";
import { invalidateFor } from "./invalidate";
import type { LiveState } from "./protocol";
import { subscribe } from "./subscribe";

const LiveContext = createContext<LiveState>("connecting");

export function useLiveState(): LiveState {
  return useContext(LiveContext);
}

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>("connecting");
  useEffect(() => {
    const gatherer = new Gatherer((hints) => invalidateFor(client, hints));
    const leave = subscribe((message) => {
      if (message.kind === "state") setState(message.state);
      else if (message.kind === "hint") gatherer.add(message.hint);
      else void client.invalidateQueries();
    });
    return () => {
      leave();
      gatherer.clear();
    };
  }, [client]);
  return <LiveContext value={state}>{children}</LiveContext>;
}

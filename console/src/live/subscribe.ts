/** Join the live connection: through the SharedWorker, or alone while the page is visible. */
import { Connection } from "./connection";
import type { FromConnection, FromTab } from "./protocol";

type Tell = (message: FromConnection) => void;

/** Returns how to leave. */
export function subscribe(tell: Tell): () => void {
  if (typeof SharedWorker !== "undefined") return subscribeShared(tell);
  if (typeof EventSource !== "undefined") return subscribeAlone(tell);
  return () => undefined;
}

function subscribeShared(tell: Tell): () => void {
  const worker = new SharedWorker(new URL("./worker.ts", import.meta.url), {
    type: "module",
    name: "yinuo-live",
  });
  const say = (message: FromTab) => worker.port.postMessage(message);
  const leave = () => say({ kind: "leave" });
  const rejoin = (event: PageTransitionEvent) => {
    if (!event.persisted) return;
    say({ kind: "join" });
    tell({ kind: "reset" });
  };
  worker.port.addEventListener("message", (event: MessageEvent<FromConnection>) =>
    tell(event.data),
  );
  worker.port.start();
  say({ kind: "join" });
  addEventListener("pagehide", leave);
  addEventListener("pageshow", rejoin);
  return () => {
    removeEventListener("pagehide", leave);
    removeEventListener("pageshow", rejoin);
    leave();
    worker.port.close();
  };
}

/** Android's Chrome has no SharedWorker: hold a connection only while somebody looks. */
function subscribeAlone(tell: Tell): () => void {
  const connection = new Connection(tell);
  let wasHidden = false;
  const follow = () => {
    if (document.visibilityState === "hidden") {
      wasHidden = true;
      connection.stop();
      return;
    }
    if (wasHidden) tell({ kind: "reset" });
    wasHidden = false;
    connection.start();
  };
  follow();
  document.addEventListener("visibilitychange", follow);
  return () => {
    document.removeEventListener("visibilitychange", follow);
    connection.stop();
  };
}

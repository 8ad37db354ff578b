/** The SharedWorker: one connection for all tabs, so that the browser's six do not run out. */
import { Connection } from "./connection";
import type { FromConnection, FromTab } from "./protocol";

const ports = new Set<MessagePort>();
const connection = new Connection((message: FromConnection) => {
  for (const port of ports) port.postMessage(message);
});

addEventListener("connect", (event) => {
  const port = (event as MessageEvent).ports[0];
  if (port === undefined) return;
  port.addEventListener("message", (told: MessageEvent<FromTab>) => {
    if (told.data.kind === "join") {
      ports.add(port);
      port.postMessage(connection.newest);
      connection.start();
      return;
    }
    ports.delete(port);
    if (ports.size === 0) connection.stop();
  });
  port.start();
});

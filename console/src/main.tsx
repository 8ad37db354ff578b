import "./styles/base.css";
import "./styles/shell.css";
import "./styles/kit.css";
import "./styles/list.css";
import "./styles/detail.css";
import "./styles/phone.css";
import { createRoot } from "react-dom/client";
import { makeQueryClient } from "./app/queries";
import { Root } from "./app/Root";
import { makeRouter } from "./app/router";
import { activateLanguage, languageFrom } from "./i18n/language";

const router = makeRouter();
const client = makeQueryClient(() => {
  const { pathname, href } = router.state.location;
  if (pathname === "/sign-in") return;
  void router.navigate({ to: "/sign-in", search: { back: href }, replace: true }).then(() => {
    client.clear();
  });
});

async function start(): Promise<void> {
  await activateLanguage(languageFrom(document.cookie));
  const place = document.getElementById("root");
  if (place !== null) createRoot(place).render(<Root client={client} router={router} />);
}

void start();

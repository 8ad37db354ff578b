import "./styles/base.css";
import "./styles/shell.css";
import "./styles/kit.css";
import "./styles/list.css";
import "./styles/table.css";
import "./styles/detail.css";
import "./styles/phone.css";
import { createRoot } from "react-dom/client";
import { makeConsole } from "./app/console";
import { Root } from "./app/Root";
import { activateLanguage, languageFrom } from "./i18n/language";

async function start(): Promise<void> {
  await activateLanguage(languageFrom(document.cookie));
  const place = document.getElementById("root");
  if (place !== null) createRoot(place).render(<Root {...makeConsole()} />);
}

void start();

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./ui/ui.css";
import "./app/app.css";
import { App } from "./app/App.tsx";
import { workOffline } from "./app/offline.ts";

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

workOffline();

import { fileURLToPath } from "node:url";
import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const API = process.env.YINUO_API ?? "http://127.0.0.1:8700";

export default defineConfig({
  plugins: [react(), lingui({ macroTransform: true, failOnCompileError: true })],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../src/yinuo/web/static",
    emptyOutDir: true,
    target: "es2022",
    reportCompressedSize: false,
  },
  server: {
    port: 5173,
    proxy: { "/api": { target: API, changeOrigin: false } },
  },
});

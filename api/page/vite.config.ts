import { defineConfig } from "vite";

// `npm run dev` serves the sources and asks a running gridwhistle for everything else.
const SERVER = "http://127.0.0.1:8000";

export default defineConfig({
  build: {
    target: "es2022",
    // The content security policy allows no data: scripts or styles; every asset is a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    // The map page, the editor of grid boundaries, and the page of those who are sent.
    rollupOptions: { input: ["index.html", "grids.html", "duty.html"] },
  },
  server: { proxy: { "/api": SERVER, "/ogc": SERVER } },
});

"use strict";

const text = "system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif";
const code = "ui-monospace, 'SF Mono', Menlo, Consolas, monospace";

Redoc.init(
  "/api/openapi.json",
  {
    hideDownloadButton: false,
    theme: { typography: { fontFamily: text, headings: { fontFamily: text }, code: { fontFamily: code } } },
  },
  document.getElementById("page"),
);

"use strict";

Scalar.createApiReference("#page", {
  url: "/api/openapi.json",
  // Everything that would ask a server of others.
  withDefaultFonts: false,
  telemetry: false,
  proxyUrl: "",
  hideClientButton: true,
  showDeveloperTools: "never",
  agent: { disabled: true },
  mcp: { disabled: true },
});

"use strict";

SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  // The service's own document is valid, and nobody else is to hear of it.
  validatorUrl: null,
});

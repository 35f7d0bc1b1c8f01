// A client of the REST API, typed by its OpenAPI document. `schema.d.ts` is made from docs/openapi.json: just client
import createClient, { type Client, type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema";

export type { components, paths };
export type Schemas = components["schemas"];
/** Every error is one of these (RFC 9457). Go by `code`. */
export type Problem = Schemas["Problem"];

export interface Options {
  /** Where the service is, such as https://api.example.com. */
  baseUrl: string;
  /** The tenant's slug; left out where the host names the tenant. */
  tenant?: string;
  /** The access token of whoever is signed in; asked for before each request. */
  token?: () => string | undefined;
}

/** A client: `const { data, error } = await client.GET("/api/v1/company")`. */
export function ouvira({ baseUrl, tenant, token }: Options): Client<paths> {
  const client = createClient<paths>({ baseUrl });
  const identify: Middleware = {
    onRequest({ request }) {
      if (tenant !== undefined) request.headers.set("X-Tenant", tenant);
      const access = token?.();
      if (access !== undefined) request.headers.set("Authorization", `Bearer ${access}`);
      return request;
    },
  };
  client.use(identify);
  return client;
}

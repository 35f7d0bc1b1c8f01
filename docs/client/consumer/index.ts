// What a frontend does: signs in, founds a company, turns the pages of a list, tells errors apart. CI compiles it, so a
// change of the API that a frontend would feel is felt here.
import { ouvira, type Problem, type Schemas } from "../src/index";

export async function companies(identifier: string, password: string): Promise<Schemas["Company"][]> {
  let token: string | undefined;
  const client = ouvira({ baseUrl: "http://localhost:8000", tenant: "demo", token: () => token });

  const login = await client.POST("/api/v1/auth/login", { body: { identifier, password } });
  if (login.error) throw refused(login.error);
  if (login.data.status !== "authenticated") throw new Error("a second factor is asked for");
  if ("access_token" in login.data) token = login.data.access_token;

  const founded = await client.POST("/api/v1/company", { body: { name: "Analytical Engines" } });
  if (founded.error) throw refused(founded.error);
  const id: string = founded.data.id;
  await client.PATCH("/api/v1/company/{id}", { params: { path: { id } }, body: { legal_name: "Analytical Engines Ltd" } });

  const all: Schemas["Company"][] = [];
  let cursor: string | undefined;
  do {
    const query = cursor === undefined ? { limit: 100 } : { limit: 100, cursor };
    const page = await client.GET("/api/v1/company", { params: { query } });
    if (page.error) throw refused(page.error);
    all.push(...page.data.items);
    cursor = page.data.next_cursor ?? undefined;
  } while (cursor !== undefined);

  // @ts-expect-error: a company has no such member
  void all[0]?.colour;
  // @ts-expect-error: there is no such path
  void client.GET("/api/v1/companies");
  return all;
}

function refused(problem: Problem): Error {
  return new Error(`${problem.status} ${problem.code}: ${problem.detail}`);
}

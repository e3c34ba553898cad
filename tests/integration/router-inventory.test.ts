import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appRouter } from "#server/routers/_app.ts";
import type { ProcedureMeta } from "#server/trpc.ts";
import { callByPath } from "#tests/support/api-calls.ts";
import { createTestApi, refusalOf, type TestApi } from "#tests/support/api.ts";

const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: { meta?: ProcedureMeta } }>);

describe("router inventory", () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await createTestApi();
  });
  afterAll(() => api.close());

  it("names an audience for every procedure", () => {
    expect(procedures.length).toBeGreaterThanOrEqual(20);
    const audiences = Object.fromEntries(procedures.map(([path, procedure]) => [path, procedure._def.meta?.audience]));
    for (const [path, audience] of Object.entries(audiences)) {
      expect(["public", "user", "VIEWER", "TRADER", "OWNER", "admin"], path).toContain(audience);
    }
    const open = procedures.filter(([, procedure]) => procedure._def.meta?.audience === "public").map(([path]) => path);
    expect(open, "what anybody on the internet may call").toEqual(["user.signUp"]);
  });

  it.each(procedures.filter(([, p]) => p._def.meta?.audience !== "public").map(([path]) => path))(
    "%s answers nobody who is not signed in",
    async (path) => {
      const workspaceId = "0195f1a0-0000-7000-8000-000000000001";
      const refusal = await refusalOf(callByPath(api.callerFor(null), path, { workspaceId }));
      expect(refusal.code).toBe("AUTH_REQUIRED");
    },
  );

  it("hides the platform's overview from whoever is not staff", async () => {
    const userId = "0195f1a0-0000-7000-8000-000000000002";
    expect((await refusalOf(api.callerFor(userId).admin.overview())).code).toBe("NOT_FOUND");
    expect((await refusalOf(api.callerFor(userId, "SUPPORT").admin.overview())).code).toBe("NOT_FOUND");
  });
});

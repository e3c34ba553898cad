import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appRouter } from "#server/routers/_app.ts";
import type { ProcedureMeta } from "#server/trpc.ts";
import { callByPath } from "#tests/support/api-calls.ts";
import { countRows, createTestApi, refusalOf, type TestApi } from "#tests/support/api.ts";

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

  const change = { venue: null, from: "ACTIVE", state: "HALTED", reason: "" };
  const staffCalls: Record<string, unknown> = {
    "admin.overview": undefined,
    "admin.tradingStates": undefined,
    "admin.setTradingState": change,
    "admin.killSwitch": { venue: null, closePositions: true, reason: "" },
  };

  it("knows a valid call of every procedure of the staff", () => {
    const ofStaff = procedures.filter(([, p]) => p._def.meta?.audience === "admin").map(([path]) => path);
    expect(Object.keys(staffCalls).sort()).toEqual(ofStaff.sort());
  });

  it.each(Object.keys(staffCalls))("hides %s from whoever is not staff, and changes nothing", async (path) => {
    const userId = "0195f1a0-0000-7000-8000-000000000002";
    const before = await countRows(api.query);
    for (const role of ["NONE", "SUPPORT"] as const) {
      expect((await refusalOf(callByPath(api.callerFor(userId, role), path, staffCalls[path]))).code).toBe("NOT_FOUND");
    }
    expect(await countRows(api.query)).toEqual(before);
  });
});

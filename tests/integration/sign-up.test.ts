import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countRows, createTestApi, refusalOf, type TestApi } from "#tests/support/api.ts";

const PASSWORD = "a heron over grey water";

describe("signing up", () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await createTestApi();
  });
  afterAll(() => api.close());

  it("creates the user, a workspace they own, its limits and an audit row, and keeps no password", async () => {
    const { userId, workspaceId } = await api
      .callerFor(null)
      .user.signUp({ email: "Ada@Example.test", name: "Ada", password: PASSWORD });
    const [user] = await api.query("select email, name, password_hash, platform_role from users where id = $1", [userId]);
    expect(user).toMatchObject({ email: "ada@example.test", name: "Ada", platform_role: "NONE" });
    expect(user?.["password_hash"]).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await api.query("select role from members where workspace_id = $1 and user_id = $2", [workspaceId, userId])).toEqual([
      { role: "OWNER" },
    ]);
    expect(
      await api.query("select trading_state, live_enabled from workspace_risk where workspace_id = $1", [workspaceId]),
    ).toEqual([{ trading_state: "ACTIVE", live_enabled: false }]);
    const audit = await api.query("select action, result from audit_entries where workspace_id = $1", [workspaceId]);
    expect(audit).toEqual([{ action: "user.sign-up", result: "OK" }]);
    const session = await api.callerFor(userId).user.session();
    expect(session.workspaces).toEqual([
      { id: workspaceId, name: "Ada's workspace", role: "OWNER", tier: "BASIC", tradingState: "ACTIVE", liveEnabled: false },
    ]);
  });

  it("refuses an e-mail that is taken, in any spelling, and leaves nothing behind", async () => {
    await api.callerFor(null).user.signUp({ email: "grace@example.test", name: "Grace", password: PASSWORD });
    const before = await countRows(api.query);
    const refusal = await refusalOf(
      api.callerFor(null).user.signUp({ email: "GRACE@example.test", name: "Eve", password: PASSWORD }),
    );
    expect(refusal.code).toBe("EMAIL_TAKEN");
    expect(await countRows(api.query)).toEqual(before);
  });

  it("makes one user of two forms sent at once", async () => {
    const form = { email: "twice@example.test", name: "Twice", password: PASSWORD };
    const results = await Promise.allSettled([1, 2, 3].map(() => api.callerFor(null).user.signUp(form)));
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    expect(await api.query("select count(*)::int as users from users where email = 'twice@example.test'")).toEqual([
      { users: 1 },
    ]);
    expect(
      await api.query(
        "select count(*)::int as members from members m join users u on u.id = m.user_id where u.email = 'twice@example.test'",
      ),
    ).toEqual([{ members: 1 }]);
  });

  it.each([
    "password1234",
    "Passw0rd!2024",
    "123456789012",
    "qwertyuiop12",
    "aaaaaaaaaaaa",
    "abc123abc123",
    "iloveyou1234",
    "1qaz2wsx3edc",
    "welcomewelcome",
    "alan.turing1912",
  ])("refuses %s, which is guessed among the first", async (password) => {
    const before = await countRows(api.query);
    const refusal = await refusalOf(
      api.callerFor(null).user.signUp({ email: "alan.turing@example.test", name: "Alan Turing", password }),
    );
    expect(refusal.code).toBe("PASSWORD_COMMON");
    expect(await countRows(api.query)).toEqual(before);
  });

  it.each(["a heron over grey water", "Tr7#vkq9-Lm2x", "monkey saw the tall bridge", "xkq-93-plover-drum"])(
    "accepts %s",
    async (password) => {
      const email = `${crypto.randomUUID()}@example.test`;
      const { userId } = await api.callerFor(null).user.signUp({ email, name: "Somebody", password });
      expect(userId).toBeTruthy();
    },
  );

  it("refuses a short password, a bad e-mail and a name that is no text, saying which field", async () => {
    const form = { email: "new@example.test", name: "New", password: PASSWORD };
    const cases: [Record<string, unknown>, string][] = [
      [{ ...form, password: "short" }, "password"],
      [{ ...form, email: "not an e-mail" }, "email"],
      [{ ...form, name: "\u0000" }, "name"],
      [{ ...form, name: "half \ud83d" }, "name"],
      [{ ...form, platformRole: "ADMIN" }, "input"],
    ];
    const before = await countRows(api.query);
    for (const [input, field] of cases) {
      const refusal = await refusalOf(api.callerFor(null).user.signUp(input as typeof form));
      expect(refusal.code).toBe("INPUT_INVALID");
      expect(Object.keys(refusal.details)).toContain(field);
    }
    expect(await countRows(api.query)).toEqual(before);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SESSION_CACHE_MS } from "#server/auth/read-session.ts";
import { createAuthOptions } from "#server/auth/options.ts";
import { hashPassword, verifyPassword } from "#server/auth/hash-password.ts";
import { parseWebEnv } from "#server/env.ts";
import { SESSION_MS, signIn } from "#server/services/sign-in.ts";
import { signOut } from "#server/services/sign-out.ts";
import { createTestApi, refusalOf, TEST_FACTS, TEST_ORIGIN, TEST_SECRET, type TestApi } from "#tests/support/api.ts";

const PASSWORD = "a heron over grey water";
const WRONG = "a heron over blue water";
const LOCK_MS = 15 * 60_000;

describe("signing in", () => {
  let api: TestApi;
  let email: string;
  let userId: string;

  beforeAll(async () => {
    api = await createTestApi();
  });
  afterAll(() => api.close());
  beforeEach(async () => {
    email = `${crypto.randomUUID()}@example.test`;
    ({ userId } = await api.callerFor(null).user.signUp({ email, name: "Ada", password: PASSWORD }));
  });

  const enter = (password: string, address = email) => signIn(api.deps, TEST_FACTS, { email: address, password });

  async function readWith(sessionId: string): Promise<string | null> {
    const signedIn = await api.deps.sessions.read(new Headers({ cookie: await api.cookieFor(sessionId) }));
    return signedIn?.userId ?? null;
  }

  it("opens a session that its cookie finds, and audits it", async () => {
    const session = await enter(PASSWORD, ` ${email.toUpperCase()} `);
    expect(session.userId).toBe(userId);
    expect(await readWith(session.sessionId)).toBe(userId);
    const audit = await api.query(
      "select result, address, request_id from audit_entries where action = 'user.sign-in' and actor_id = $1",
      [userId],
    );
    expect(audit).toEqual([{ result: "OK", address: TEST_FACTS.address, request_id: TEST_FACTS.requestId }]);
  });

  it("gives a wrong password, an unknown e-mail, a locked account and no e-mail at all the same answer", async () => {
    const unknown = await refusalOf(enter(PASSWORD, "nobody@example.test"));
    const wrong = await refusalOf(enter(WRONG));
    const odd = await refusalOf(enter(PASSWORD, "\u0000 or 1=1"));
    for (let n = 0; n < 5; n += 1) await refusalOf(enter(WRONG));
    const locked = await refusalOf(enter(PASSWORD));
    for (const refusal of [wrong, unknown, odd, locked]) {
      expect({ code: refusal.code, details: refusal.details }).toEqual({ code: "AUTH_FAILED", details: {} });
    }
  });

  it("locks after five failures for 15 minutes, and the right password opens nothing in between", async () => {
    for (let n = 0; n < 5; n += 1) await refusalOf(enter(WRONG));
    expect((await refusalOf(enter(PASSWORD))).code).toBe("AUTH_FAILED");
    api.clock.advance(LOCK_MS - 1000);
    expect((await refusalOf(enter(PASSWORD))).code).toBe("AUTH_FAILED");
    api.clock.advance(1000);
    expect((await enter(PASSWORD)).userId).toBe(userId);
  });

  it("checks five of thirty guesses sent at once, and no more", async () => {
    await Promise.allSettled(Array.from({ length: 30 }, (_, n) => enter(`${WRONG} ${n}`)));
    const reasons = await api.query(
      `select details->>'reason' as reason, count(*)::int as times from audit_entries
       where actor_id = $1 and action = 'user.sign-in' and result = 'DENIED' group by 1 order by 1`,
      [userId],
    );
    expect(reasons).toEqual([
      { reason: "locked", times: 25 },
      { reason: "wrong password", times: 5 },
    ]);
  });

  it("starts counting anew after a success", async () => {
    for (let n = 0; n < 4; n += 1) await refusalOf(enter(WRONG));
    await enter(PASSWORD);
    for (let n = 0; n < 4; n += 1) await refusalOf(enter(WRONG));
    expect((await enter(PASSWORD)).userId).toBe(userId);
  });

  it("ends with the sign-out: the same cookie finds nobody", async () => {
    const { sessionId } = await enter(PASSWORD);
    expect(await readWith(sessionId)).toBe(userId);
    await signOut(api.deps, TEST_FACTS, sessionId);
    api.clock.advance(SESSION_CACHE_MS);
    expect(await readWith(sessionId)).toBeNull();
    expect(SESSION_CACHE_MS).toBeLessThanOrEqual(10_000);
  });

  it("ends after 24 hours whatever the cookie says", async () => {
    const { sessionId } = await enter(PASSWORD);
    api.clock.advance(SESSION_MS - 1000);
    expect(await readWith(sessionId)).toBe(userId);
    api.clock.advance(SESSION_CACHE_MS + 1000);
    expect(await readWith(sessionId)).toBeNull();
  });

  it("believes no cookie that it did not seal", async () => {
    const { sessionId } = await enter(PASSWORD);
    const good = await api.cookieFor(sessionId);
    for (const cookie of [
      "",
      "nija.session=",
      "nija.session=abc.def.ghi",
      `${good.slice(0, -4)}AAAA`,
      `nija.session=${sessionId}`,
      `x${good}`,
    ]) {
      expect(await api.deps.sessions.read(new Headers({ cookie })), cookie.slice(0, 30)).toBeNull();
    }
    expect(await api.deps.sessions.read(new Headers({ cookie: `a=b; ${good}; c=d` }))).not.toBeNull();
  });

  it("takes as long for an unknown account: the same hash is computed for it", async () => {
    expect(await verifyPassword(PASSWORD, null)).toBe(false);
    const encoded = await hashPassword(PASSWORD);
    expect(await verifyPassword(PASSWORD, encoded)).toBe(true);
    expect(await verifyPassword(WRONG, encoded)).toBe(false);
    expect(await hashPassword(PASSWORD)).not.toBe(encoded);
    await expect(verifyPassword(PASSWORD, "plain")).rejects.toThrow("argon2id");
  });

  it("reaches next-auth with codes only, and its sign-out revokes the row", async () => {
    const env = parseWebEnv({
      WEB_DATABASE_URL: "postgresql://nobody@127.0.0.1/none",
      NEXTAUTH_SECRET: TEST_SECRET,
      NIJA_ORIGIN: TEST_ORIGIN,
      NIJA_VAULT_PUBLIC_KEY_FILE: api.keyFiles.publicKeyFile,
      PUSHER_APP_ID: "a",
      PUSHER_KEY: "k",
      PUSHER_SECRET: "s",
      PUSHER_HOST: "127.0.0.1",
      PUSHER_PORT: "6001",
    });
    const options = createAuthOptions(api.deps, env);
    const [provider] = options.providers;
    if (provider?.type !== "credentials") throw new Error("no credentials provider");
    const request = { headers: { "user-agent": "vitest" }, body: {}, query: {}, method: "POST" };
    await expect(provider.authorize({ email, password: WRONG }, request)).rejects.toThrow(/^AUTH_FAILED$/);
    await expect(provider.authorize(undefined, request)).rejects.toThrow(/^AUTH_FAILED$/);
    const user = await provider.authorize({ email, password: PASSWORD }, request);
    if (user === null) throw new Error("no user");
    const token = await options.callbacks?.jwt?.({ token: {}, user, account: null });
    expect(token).toEqual({ sub: userId, sid: expect.any(String) });
    const sid = String(token?.["sid"]);
    expect(await readWith(sid)).toBe(userId);
    await options.events?.signOut?.({ token: { sid }, session: { expires: "" } });
    expect(await readWith(sid)).toBeNull();
    expect(options.cookies?.sessionToken?.options).toMatchObject({ httpOnly: true, sameSite: "lax", secure: false });
    const secure = createAuthOptions(api.deps, { ...env, NIJA_ORIGIN: "https://nija.example" });
    expect(secure.cookies?.sessionToken).toMatchObject({ name: "__Host-nija.session", options: { secure: true } });
  });
});

import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDatabase, type Database } from "#server/data/database.ts";
import { statement } from "#server/data/tx.ts";
import { parseWebEnv } from "#server/env.ts";
import { CREDENTIAL_CACHE_MS, createCredentialCache } from "#server/vault/credential-cache.ts";
import { createFileOpeningKeys, ensureVaultKeys } from "#server/vault/keys/file.ts";
import { createFileSealingKeys } from "#server/vault/keys/sealing-keys.ts";
import { type CredentialUnusable, openCredential, type OpenCredentialDeps, unseal } from "#server/vault/open.ts";
import { createSealer } from "#server/vault/seal.ts";
import { createTestApi, dumpDatabase, TEST_ORIGIN, type TestApi } from "#tests/support/api.ts";
import { createWorkspace } from "#tests/support/fixtures.ts";

const READ_JWE = statement("test.read-jwe", "select jwe from credentials");

describe("the vault", () => {
  let api: TestApi;
  let worker: Database;
  let nowMs = 0;

  beforeAll(async () => {
    api = await createTestApi();
    worker = createDatabase({ url: api.database.workerUrl, applicationName: "test-worker", connectionsMax: 2 });
  });
  afterAll(async () => {
    await worker.close();
    await api.close();
  });

  function openDeps(): OpenCredentialDeps {
    const keys = createFileOpeningKeys(api.keyFiles.privateKeyFile);
    return { database: worker, keys, cache: createCredentialCache(() => nowMs), workerId: randomUUID() };
  }

  async function connect(
    secret = "secret-of-the-account",
  ): Promise<{ workspaceId: string; venueAccountId: string; userId: string }> {
    const { workspaceId, userId } = await createWorkspace(api.query);
    const venueAccountId = randomUUID();
    const account = { workspaceId, venueAccountId, venue: "binance", mode: "PAPER", label: "Mine" } as const;
    await api.callerFor(userId).venue.connect({ ...account, apiKey: "key-of-the-account", secret, password: null });
    return { workspaceId, venueAccountId, userId };
  }

  it("opens for the worker what the web sealed, and audits each opening", async () => {
    const account = await connect();
    const deps = openDeps();
    expect(await openCredential(deps, account)).toEqual({ apiKey: "key-of-the-account", secret: "secret-of-the-account" });
    const audit = await api.query(
      "select actor_kind, actor_id, target, result from audit_entries where action = 'credential.open' and workspace_id = $1",
      [account.workspaceId],
    );
    expect(audit).toEqual([{ actor_kind: "WORKER", actor_id: deps.workerId, target: account.venueAccountId, result: "OK" }]);
  });

  it("does not open a ciphertext that was moved to another row", async () => {
    const [mine, theirs] = [await connect("mine"), await connect("theirs")];
    await api.query(
      `update credentials set jwe = (select jwe from credentials where venue_account_id = $1) where venue_account_id = $2`,
      [theirs.venueAccountId, mine.venueAccountId],
    );
    await expect(openCredential(openDeps(), mine)).rejects.toMatchObject({ name: "CredentialUnusable", reason: "FOREIGN" });
    const audit = await api.query(
      "select result, details from audit_entries where action = 'credential.open' and workspace_id = $1",
      [mine.workspaceId],
    );
    expect(audit).toEqual([{ result: "FAILED", details: { reason: "FOREIGN" } }]);
    expect((await openCredential(openDeps(), theirs)).secret).toBe("theirs");
  });

  it("does not open what was changed by one character, nor with another vault's key", async () => {
    const binding = { workspaceId: randomUUID(), venueAccountId: randomUUID(), credentialId: randomUUID() };
    const sealed = await api.deps.sealer.seal({ apiKey: "k", secret: "s" }, binding);
    const keys = createFileOpeningKeys(api.keyFiles.privateKeyFile);
    expect(await unseal(keys, sealed, binding)).toEqual({ apiKey: "k", secret: "s" });
    const parts = sealed.jwe.split(".");
    for (const at of parts.keys()) {
      const changed = parts.map((part, n) => (n === at ? `${part.startsWith("A") ? "B" : "A"}${part.slice(1)}` : part)).join(".");
      const error = await unseal(keys, { ...sealed, jwe: changed }, binding).catch(
        (reason: unknown) => reason as CredentialUnusable,
      );
      expect(error, `part ${at}`).toMatchObject({ name: "CredentialUnusable" });
    }
    for (const claim of ["workspaceId", "venueAccountId", "credentialId"] as const) {
      await expect(unseal(keys, sealed, { ...binding, [claim]: randomUUID() })).rejects.toMatchObject({ reason: "FOREIGN" });
    }
    const folder = await mkdtemp(join(tmpdir(), "nija-vault-"));
    const other = { privateKeyFile: join(folder, "private.json"), publicKeyFile: join(folder, "public.json") };
    await ensureVaultKeys(other);
    await expect(unseal(createFileOpeningKeys(other.privateKeyFile), sealed, binding)).rejects.toMatchObject({
      reason: "KEY_UNKNOWN",
    });
    await rm(folder, { recursive: true });
  });

  it("lets the web role write a sealed key and never read one", async () => {
    const { workspaceId } = await connect();
    await expect(api.deps.database.workspace(workspaceId, (tx) => tx.query(READ_JWE))).rejects.toThrow("permission denied");
    expect(await worker.workspace(workspaceId, (tx) => tx.query(READ_JWE))).toHaveLength(1);
  });

  it("forgets an opened key after five minutes, at a revoke, and gives it to no other workspace", async () => {
    const account = await connect();
    const deps = openDeps();
    await openCredential(deps, account);
    expect(CREDENTIAL_CACHE_MS).toBeLessThanOrEqual(5 * 60_000);
    await api.query("update credentials set jwe = null, revoked_at = now() where venue_account_id = $1", [
      account.venueAccountId,
    ]);
    nowMs += CREDENTIAL_CACHE_MS - 1;
    expect((await openCredential(deps, account)).secret).toBe("secret-of-the-account");
    await expect(openCredential(deps, { ...account, workspaceId: randomUUID() })).rejects.toMatchObject({ reason: "MISSING" });
    nowMs += 1;
    await expect(openCredential(deps, account)).rejects.toMatchObject({ reason: "MISSING" });

    const other = await connect();
    await openCredential(deps, other);
    const { workspaceId, venueAccountId } = other;
    await api.callerFor(other.userId).venue.disconnect({ workspaceId, venueAccountId });
    deps.cache.drop(other.venueAccountId);
    await expect(openCredential(deps, other)).rejects.toMatchObject({ reason: "MISSING" });
  });

  it("creates the key once, for its owner only, however many start at the same time", async () => {
    const folder = await mkdtemp(join(tmpdir(), "nija-vault-"));
    const files = { privateKeyFile: join(folder, "keys", "private.json"), publicKeyFile: join(folder, "keys", "public.json") };
    await Promise.all(Array.from({ length: 8 }, () => ensureVaultKeys(files)));
    const ring = await readFile(files.privateKeyFile, "utf8");
    await ensureVaultKeys(files);
    expect(await readFile(files.privateKeyFile, "utf8")).toBe(ring);
    expect((await stat(files.privateKeyFile)).mode & 0o777).toBe(0o600);
    const publicKey = JSON.parse(await readFile(files.publicKeyFile, "utf8")) as Record<string, unknown>;
    expect(publicKey).not.toHaveProperty("d");
    expect((JSON.parse(ring) as { keys: Record<string, unknown>[] }).keys).toMatchObject([{ kid: publicKey["kid"] }]);
    await rm(folder, { recursive: true });
  });

  it("gives the web process no private key, by variable or by file", async () => {
    const env = { NIJA_VAULT_PRIVATE_KEY_FILE: api.keyFiles.privateKeyFile };
    expect(() => parseWebEnv(env)).toThrow(/NIJA_VAULT_PRIVATE_KEY_FILE must not be given to the web process/);
    const folder = await mkdtemp(join(tmpdir(), "nija-vault-"));
    const file = join(folder, "public.json");
    const ring = JSON.parse(await readFile(api.keyFiles.privateKeyFile, "utf8")) as { keys: unknown[] };
    await writeFile(file, JSON.stringify(ring.keys[0]));
    const binding = { workspaceId: "w", venueAccountId: "v", credentialId: "c" };
    await expect(createSealer(createFileSealingKeys(file)).seal({ apiKey: "k", secret: "s" }, binding)).rejects.toThrow(
      "private key",
    );
    await rm(folder, { recursive: true });
  });
});

describe("a planted secret", () => {
  const CANARIES = ["CANARY-key-7f3a9c51e2", "CANARY-secret-b84d06aa17", "CANARY-second-0d95e3c6f1"];
  const PASSWORD = "CANARY heron 58c1e7 over water";

  /** Plain, base64 at each of the three alignments, base64url alike, and hex. */
  function spellings(secret: string): string[] {
    const bytes = Buffer.from(secret);
    const aligned = [0, 1, 2].map((skip) =>
      bytes.subarray(skip, skip + Math.floor((bytes.length - skip) / 3) * 3).toString("base64"),
    );
    return [
      secret,
      ...aligned,
      ...aligned.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
      bytes.toString("hex"),
      bytes.toString("hex").toUpperCase(),
    ];
  }

  it("appears in no table, no job, no log line and no answer", async () => {
    const api = await createTestApi();
    const worker = createDatabase({ url: api.database.workerUrl, applicationName: "test-worker", connectionsMax: 2 });
    const answers: string[] = [];
    const post = async (path: string, cookie: string, body: unknown): Promise<void> => {
      const headers = { origin: TEST_ORIGIN, cookie, "content-type": "application/json" };
      const response = await api.fetch(`/api/trpc/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
      answers.push(JSON.stringify([...response.headers]), await response.text());
    };
    await post("user.signUp", "", { email: "canary@example.test", name: "Canary", password: PASSWORD });
    const [row] = await api.query("select u.id, m.workspace_id from users u join members m on m.user_id = u.id");
    const { cookie } = await api.openSession(String(row?.["id"]));
    const workspaceId = String(row?.["workspace_id"]);
    const venueAccountId = randomUUID();
    const [apiKey = "", secret = "", second = ""] = CANARIES;
    const form = { workspaceId, venueAccountId, venue: "kraken", mode: "PAPER", label: "Canary", apiKey, secret, password: null };
    await post("venue.connect", cookie, form);
    expect(answers.at(-1)).toContain("CHECKING");
    // The same secret in every wrong place and in calls that fail.
    await post("venue.connect", cookie, form);
    await post("venue.connect", cookie, { ...form, venue: "binance" });
    await post("venue.connect", cookie, { ...form, secret: 7, apiKey: second });
    await post("venue.connect", cookie, { ...form, [secret]: secret, password: second, venueAccountId: randomUUID() });
    await post("venue.connect", cookie, { ...form, mode: "LIVE", venueAccountId: randomUUID() });
    await post("user.signUp", "", { email: "canary@example.test", name: "Canary", password: PASSWORD });
    await post("user.signUp", "", { email: PASSWORD, name: "Canary", password: secret });
    await post("venue.connect", cookie, `${secret}${second}`);
    // A database that refuses the row shows it in its error: that must not reach the log.
    await api.query("alter table credentials add constraint refuse_all check (false) not valid");
    await post("venue.connect", cookie, { ...form, venueAccountId: randomUUID() });
    expect(answers.at(-1)).toContain("INTERNAL");
    expect(api.logged.join("")).toContain("a procedure failed");
    await api.query("alter table credentials drop constraint refuse_all");
    api.deps.log.error({ err: new Error("planted"), secret, apiKey, body: { form, nested: { form } } }, "a careless line");
    const keys = createFileOpeningKeys(api.keyFiles.privateKeyFile);
    const opened = await openCredential(
      { database: worker, keys, cache: createCredentialCache(), workerId: randomUUID() },
      { workspaceId, venueAccountId },
    );
    expect(opened, "the secret did arrive").toEqual({ apiKey, secret });

    const dump = await dumpDatabase(api.query);
    expect(dump).toContain(venueAccountId);
    const places = { database: dump, log: api.logged.join("\n"), answers: answers.join("\n") };
    for (const canary of [...CANARIES, PASSWORD]) {
      for (const spelling of spellings(canary)) {
        for (const [place, text] of Object.entries(places))
          expect(text.includes(spelling), `${spelling} in the ${place}`).toBe(false);
      }
    }
    await worker.close();
    await api.close();
  });
});

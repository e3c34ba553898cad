import { describe, expect, it } from "vitest";
import { parseWebEnv, parseWorkerEnv } from "#server/env.ts";

const SHARED = {
  PUSHER_APP_ID: "app",
  PUSHER_KEY: "key",
  PUSHER_SECRET: "secret",
  PUSHER_HOST: "127.0.0.1",
  PUSHER_PORT: "6001",
  NIJA_VAULT_PUBLIC_KEY_FILE: "/vault/public-key.json",
};
const WEB = {
  ...SHARED,
  WEB_DATABASE_URL: "postgresql://nija_web@127.0.0.1:5433/nija",
  NEXTAUTH_SECRET: "more than thirty-two characters of secret",
  NIJA_ORIGIN: "http://localhost:3000/",
};
const WORKER = {
  ...SHARED,
  WORKER_DATABASE_URL: "postgresql://nija_worker@127.0.0.1:5433/nija",
  NIJA_VAULT_PRIVATE_KEY_FILE: "/vault/private-keys.json",
};

describe("the environment", () => {
  it("is read once into values of their own types, with an empty variable as one that is not set", () => {
    const env = parseWebEnv({ ...WEB, PUSHER_USE_TLS: "", NIJA_LOG_LEVEL: "", OTHER: "x" });
    expect(env).toMatchObject({
      NIJA_ORIGIN: "http://localhost:3000",
      PUSHER_PORT: 6001,
      PUSHER_USE_TLS: false,
      NIJA_LOG_LEVEL: "info",
      NIJA_PROXY_HOPS: 0,
    });
    expect(parseWorkerEnv(WORKER)).toMatchObject({ NIJA_SIM_PORT_BASE: 4010, NIJA_DATABASE_CONNECTIONS_MAX: 10 });
  });

  it.each([
    ["WEB_DATABASE_URL", undefined, "WEB_DATABASE_URL must be set."],
    ["WEB_DATABASE_URL", "mysql://x", "WEB_DATABASE_URL must be a postgresql:// address."],
    ["NEXTAUTH_SECRET", "short", "NEXTAUTH_SECRET must have at least 32 characters."],
    [
      "NIJA_ORIGIN",
      "localhost:3000",
      "NIJA_ORIGIN must be the address people type, such as https://nija.example, without a path.",
    ],
    [
      "NIJA_ORIGIN",
      "http://localhost:3000/app",
      "NIJA_ORIGIN must be the address people type, such as https://nija.example, without a path.",
    ],
    ["PUSHER_PORT", "70000", "PUSHER_PORT must be a port between 1 and 65535."],
    ["NIJA_PROXY_HOPS", "-1", "NIJA_PROXY_HOPS must be a whole number."],
    ["NIJA_DATABASE_CONNECTIONS_MAX", "1", "NIJA_DATABASE_CONNECTIONS_MAX must be at least 2."],
  ])("says in one sentence what is wrong with %s = %s", (name, value, sentence) => {
    expect(() => parseWebEnv({ ...WEB, [name]: value })).toThrow(`The web process cannot start: ${sentence}`);
  });

  it("names every problem at once, and repeats no value: one of them may be a secret", () => {
    const wrong = { ...WEB, NEXTAUTH_SECRET: "CANARY", WEB_DATABASE_URL: "CANARY://user:CANARY@host" };
    expect(() => parseWebEnv(wrong)).toThrow(/WEB_DATABASE_URL .* NEXTAUTH_SECRET/);
    expect(() => parseWebEnv(wrong)).not.toThrow(/CANARY/);
  });

  it("keeps the private key from the web process and asks the worker for it", () => {
    expect(() => parseWebEnv({ ...WEB, NIJA_VAULT_PRIVATE_KEY_FILE: "/vault/private-keys.json" })).toThrow(
      "must not be given to the web process",
    );
    expect(() => parseWorkerEnv({ ...WORKER, NIJA_VAULT_PRIVATE_KEY_FILE: undefined })).toThrow(
      "NIJA_VAULT_PRIVATE_KEY_FILE must be set.",
    );
  });
});

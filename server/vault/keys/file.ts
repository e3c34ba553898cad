import { randomUUID } from "node:crypto";
import { chmod, link, mkdir, readFile, rename, stat, unlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { calculateJwkThumbprint, type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import { SEAL_ALGORITHM, SEAL_CURVE } from "#server/vault/binding.ts";

/** Where the private keys to open with come from. For the worker only. */
export interface OpeningKeys {
  /** Null for a key that this vault does not have. */
  byId(kid: string): Promise<CryptoKey | null>;
}

export interface VaultKeyFiles {
  readonly privateKeyFile: string;
  readonly publicKeyFile: string;
}

interface KeyRing {
  /** The last one seals; the earlier ones still open. */
  readonly keys: readonly JWK[];
}

const OWNER_ONLY = 0o600;
const READABLE = 0o644;

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

async function readRing(privateKeyFile: string): Promise<KeyRing | null> {
  let text: string;
  try {
    text = await readFile(privateKeyFile, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
  const ring = JSON.parse(text) as KeyRing;
  if (!Array.isArray(ring.keys) || ring.keys.length === 0) throw new Error(`${privateKeyFile} holds no vault key`);
  return ring;
}

async function createRing(privateKeyFile: string): Promise<void> {
  const { privateKey } = await generateKeyPair(SEAL_ALGORITHM, { crv: SEAL_CURVE, extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  const ring: KeyRing = { keys: [{ ...jwk, kid, alg: SEAL_ALGORITHM, use: "enc" }] };
  const draft = `${privateKeyFile}.${randomUUID()}`;
  await mkdir(dirname(privateKeyFile), { recursive: true, mode: 0o700 });
  await writeFile(draft, JSON.stringify(ring), { mode: OWNER_ONLY, flag: "wx" });
  try {
    // INVARIANT: a key that credentials may be sealed with is never replaced. Of two first starts one links, the other yields.
    await link(draft, privateKeyFile);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  } finally {
    await unlink(draft);
  }
}

async function writePublicKey(publicKeyFile: string, ring: KeyRing): Promise<void> {
  const { kty, crv, x, y, kid, alg, use } = ring.keys.at(-1) ?? {};
  const draft = `${publicKeyFile}.${randomUUID()}`;
  await mkdir(dirname(publicKeyFile), { recursive: true });
  await writeFile(draft, JSON.stringify({ kty, crv, x, y, kid, alg, use }), { mode: READABLE, flag: "wx" });
  await rename(draft, publicKeyFile);
}

/**
 * Creates the key pair on the first start and writes the public key beside it. Safe to call at every start and by several
 * processes at once. A private key that others may read is closed to them.
 */
export async function ensureVaultKeys({ privateKeyFile, publicKeyFile }: VaultKeyFiles): Promise<void> {
  if ((await readRing(privateKeyFile)) === null) await createRing(privateKeyFile);
  const ring = await readRing(privateKeyFile);
  if (ring === null) throw new Error(`${privateKeyFile} vanished while it was created`);
  const mode = (await stat(privateKeyFile)).mode & 0o777;
  // Windows has no such bits and reports 0o666 for every file.
  if (process.platform !== "win32" && (mode & 0o077) !== 0) await chmod(privateKeyFile, OWNER_ONLY);
  await writePublicKey(publicKeyFile, ring);
}

/** Reads the private keys once, at the first use. */
export function createFileOpeningKeys(privateKeyFile: string): OpeningKeys {
  let loading: Promise<Map<string, CryptoKey>> | undefined;
  async function load(): Promise<Map<string, CryptoKey>> {
    const ring = await readRing(privateKeyFile);
    if (ring === null) throw new Error(`there is no vault key at ${privateKeyFile}`);
    const keys = new Map<string, CryptoKey>();
    for (const jwk of ring.keys) {
      const key = await importJWK(jwk, SEAL_ALGORITHM);
      if (jwk.kid !== undefined && !(key instanceof Uint8Array)) keys.set(jwk.kid, key);
    }
    return keys;
  }
  return {
    async byId(kid) {
      loading ??= load();
      return (await loading).get(kid) ?? null;
    },
  };
}

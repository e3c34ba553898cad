import type { OpenedCredential } from "#server/vault/binding.ts";

/** How long an opened credential may stay in the worker's memory. */
export const CREDENTIAL_CACHE_MS = 5 * 60_000;
const CACHED_MAX = 5_000;

export interface AccountRef {
  readonly workspaceId: string;
  readonly venueAccountId: string;
}

/** Opened credentials of one worker, in memory only, one per venue account. */
export interface CredentialCache {
  get(account: AccountRef): OpenedCredential | null;
  put(account: AccountRef, credential: OpenedCredential): void;
  /** On revoke and rotate. */
  drop(venueAccountId: string): void;
  clear(): void;
}

interface Entry {
  readonly workspaceId: string;
  readonly credential: OpenedCredential;
  readonly until: number;
}

/** `nowMs` is a monotonic clock in milliseconds, `performance.now` unless a test moves time. */
export function createCredentialCache(nowMs: () => number = () => performance.now()): CredentialCache {
  const entries = new Map<string, Entry>();
  return {
    get({ workspaceId, venueAccountId }) {
      const entry = entries.get(venueAccountId);
      // INVARIANT: the answer of a row that another workspace cannot read is not given to it from memory either.
      if (entry === undefined || entry.workspaceId !== workspaceId) return null;
      if (nowMs() < entry.until) return entry.credential;
      entries.delete(venueAccountId);
      return null;
    },
    put({ workspaceId, venueAccountId }, credential) {
      // An account that is no longer asked for must not keep its secret here until the process ends.
      for (const [id, entry] of entries) if (nowMs() >= entry.until || entries.size >= CACHED_MAX) entries.delete(id);
      entries.set(venueAccountId, { workspaceId, credential, until: nowMs() + CREDENTIAL_CACHE_MS });
    },
    drop: (venueAccountId) => void entries.delete(venueAccountId),
    clear: () => entries.clear(),
  };
}

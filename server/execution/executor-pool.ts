import { readVenueAccount } from "#server/data/accounts/read-venue-account.ts";
import type { Database } from "#server/data/database.ts";
import type { ExecutorFactory, OpenedCredential, VenueAccountExecutor } from "./executors/executor.ts";

/** An opened credential lives inside its executor, so an executor lives no longer than a credential may. */
const LIVES_MS = 5 * 60_000;

export interface AccountRef {
  readonly workspaceId: string;
  readonly venueAccountId: string;
}

/** The executors of the accounts that this worker holds. */
export interface ExecutorPool {
  /** Opens the account's credential when needed. Throws when the account is gone or its credential does not open. */
  get(account: AccountRef): Promise<VenueAccountExecutor>;
  /** The account's executor if it is open already; whoever has none must not claim an order before it has one. */
  ready(venueAccountId: string): VenueAccountExecutor | null;
  /** Forgets an account's executor and the secret in it: revoked, rotated, or its lane is lost. */
  drop(venueAccountId: string): Promise<void>;
  close(): Promise<void>;
}

export interface ExecutorPoolDeps {
  readonly database: Database;
  readonly factory: ExecutorFactory;
  readonly openCredential: (account: AccountRef) => Promise<OpenedCredential>;
  /** Drops what `openCredential` keeps for itself, so that a secret never outlives its executor. */
  readonly forgetCredential?: (venueAccountId: string) => void;
  readonly livesMs?: number;
}

interface Entry {
  readonly executor: Promise<VenueAccountExecutor>;
  opened: VenueAccountExecutor | null;
  readonly expiresAt: number;
}

export function createExecutorPool(deps: ExecutorPoolDeps): ExecutorPool {
  const entries = new Map<string, Entry>();
  const livesMs = deps.livesMs ?? LIVES_MS;

  async function build(account: AccountRef): Promise<VenueAccountExecutor> {
    const row = await deps.database.workspace(account.workspaceId, (tx) => readVenueAccount(tx, account));
    if (row === null || row.status === "REVOKED") throw new Error(`venue account ${account.venueAccountId} is not connected`);
    return deps.factory.account(row.venue, row.mode, await deps.openCredential(account));
  }

  async function drop(venueAccountId: string): Promise<void> {
    deps.forgetCredential?.(venueAccountId);
    const entry = entries.get(venueAccountId);
    if (entry === undefined) return;
    entries.delete(venueAccountId);
    const executor = await entry.executor.catch(() => null);
    await executor?.close();
  }

  return {
    async get(account) {
      const known = entries.get(account.venueAccountId);
      // Monotonic time: a wall clock that is set back must not keep a secret alive.
      if (known !== undefined && known.expiresAt > performance.now()) return known.executor;
      await drop(account.venueAccountId);
      const entry: Entry = { executor: build(account), opened: null, expiresAt: performance.now() + livesMs };
      entries.set(account.venueAccountId, entry);
      entry.executor.then(
        (opened) => {
          entry.opened = opened;
        },
        () => entries.delete(account.venueAccountId),
      );
      return entry.executor;
    },
    ready(venueAccountId) {
      const known = entries.get(venueAccountId);
      return known !== undefined && known.expiresAt > performance.now() ? known.opened : null;
    },
    drop,
    async close() {
      await Promise.all([...entries.keys()].map(drop));
    },
  };
}

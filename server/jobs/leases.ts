import { type Statements, statement } from "#server/data/tx.ts";

/** A named singleton that this holder has, e.g. streaming one venue's market data. The token rises with every change of holder. */
export interface NamedLease {
  readonly name: string;
  readonly holder: string;
  readonly token: string;
}

const TAKE = statement(
  "leases_take",
  `insert into leases as l (name, holder, token, lease_until) values ($1, $2, 1, now() + $3 * interval '1 ms')
   on conflict (name) do update set holder = excluded.holder, lease_until = excluded.lease_until,
     token = l.token + case when l.holder = excluded.holder and l.lease_until > now() then 0 else 1 end
   where l.holder = excluded.holder or l.lease_until <= now()
   returning token`,
);
const RENEW = statement(
  "leases_renew",
  `update leases set lease_until = now() + $4 * interval '1 ms'
   where name = $1 and holder = $2 and token = $3 and lease_until > now() returning token`,
);
// The row stays: deleting it would start the tokens again, and an old holder's would count once more.
const RELEASE = statement(
  "leases_release",
  "update leases set lease_until = now() where name = $1 and holder = $2 and token = $3 and lease_until > now() returning token",
);

/** Null: somebody else has it. */
export async function takeLease(tx: Statements, name: string, holder: string, leaseMs: number): Promise<NamedLease | null> {
  const [row] = await tx.query<{ token: string }>(TAKE, [name, holder, leaseMs]);
  return row ? { name, holder, token: row.token } : null;
}

/** False: it ended, and somebody else may have it. */
export async function renewLease(tx: Statements, lease: NamedLease, leaseMs: number): Promise<boolean> {
  return (await tx.query(RENEW, [lease.name, lease.holder, lease.token, leaseMs])).length === 1;
}

export async function releaseLease(tx: Statements, lease: NamedLease): Promise<boolean> {
  return (await tx.query(RELEASE, [lease.name, lease.holder, lease.token])).length === 1;
}

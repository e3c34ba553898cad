"use client";

import Link from "next/link";
import { VenueActions } from "./venue-actions.tsx";
import { VenueDeadMan } from "./venue-dead-man.tsx";
import { TimeText } from "#components/numbers/age.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Notice } from "#components/ui/notice.tsx";
import type { VenueAccountDto } from "#lib/contracts/account.ts";
import { Decimal } from "#lib/format/decimal.ts";
import { formatPercent, formatQuantity, UNKNOWN_TEXT } from "#lib/format/number.ts";
import { VENUE_STATUS_WORDS, venueName } from "#lib/sentences/venues.ts";

const BALANCES_SHOWN = 6;

type Balance = VenueAccountDto["balances"][number];

function isHeld({ available, reserved }: Balance): boolean {
  return !new Decimal(available).plus(reserved).isZero();
}

/** One connected account. */
export function VenueCard({ account, isOwner }: { account: VenueAccountDto; isOwner: boolean }) {
  const status = VENUE_STATUS_WORDS[account.status];
  const held = account.balances.filter(isHeld);
  const fees =
    account.makerFee === null || account.takerFee === null
      ? null
      : `${formatPercent(account.makerFee, "auto", 3)} / ${formatPercent(account.takerFee, "auto", 3)}`;
  return (
    <article
      aria-label={`${venueName(account.venue)}: ${account.label}`}
      className="flex h-full flex-col rounded-md border border-line bg-surface"
    >
      <header className="flex items-start justify-between gap-3 p-4">
        <div className="min-w-0">
          <h2 className="truncate text-base font-semibold">
            <Link href={`/venues/${account.id}`} className="hover:underline">
              {venueName(account.venue)}
            </Link>
          </h2>
          <p className="truncate text-xs text-muted">{account.label}</p>
        </div>
        <div className="flex shrink-0 gap-1.5">
          <Badge tone={account.mode === "LIVE" ? "good" : "accent"}>{account.mode === "LIVE" ? "Live" : "Paper"}</Badge>
          <Badge tone={status.tone}>{status.label}</Badge>
        </div>
      </header>
      <div className="flex flex-1 flex-col gap-3 px-4 pb-4">
        {account.status === "ACTIVE" ? null : (
          <Notice tone={account.status === "INVALID" ? "bad" : "info"}>
            {status.sentence}
            {account.statusDetail === "" ? null : (
              <span className="mt-0.5 block break-words opacity-85">{account.statusDetail}</span>
            )}
          </Notice>
        )}
        {account.canWithdraw === true ? <Notice tone="warn">This key can withdraw. Make one that can only trade.</Notice> : null}
        {account.reconcileState === "FAILED" ? (
          <Notice tone="bad">
            This account does not trade: ledger and venue could not be compared. {account.reconcileDetail}
          </Notice>
        ) : null}
        <Balances balances={held.slice(0, BALANCES_SHOWN)} hidden={Math.max(0, held.length - BALANCES_SHOWN)} />
        <dl className="mt-auto flex flex-col gap-1.5 border-t border-line pt-3 text-xs">
          <Row name="Key" value={account.keyHint === "" ? UNKNOWN_TEXT : `ends in ${account.keyHint}`} />
          <Row name="Fees, maker / taker" value={fees ?? "not known yet"} />
          <div className="flex justify-between gap-3">
            <dt className="text-muted">Books compared</dt>
            <dd>
              {account.reconciledAt === null ? (
                <span className="text-muted">not yet</span>
              ) : (
                <TimeText at={account.reconciledAt} />
              )}
            </dd>
          </div>
        </dl>
        <VenueDeadMan account={account} isOwner={isOwner} />
        <Link
          href={`/venues/${account.id}`}
          className="inline-flex min-h-11 items-center justify-center rounded-md text-xs font-medium text-accent-text hover:underline"
        >
          Movements and comparisons
        </Link>
        {isOwner ? <VenueActions account={account} /> : null}
      </div>
    </article>
  );
}

function Row({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex justify-between gap-3">
      <dt className="shrink-0 text-muted">{name}</dt>
      <dd className="num truncate">{value}</dd>
    </div>
  );
}

function Balances({ balances, hidden }: { balances: readonly Balance[]; hidden: number }) {
  if (balances.length === 0) return <p className="text-sm text-muted">No balance is known.</p>;
  return (
    <dl aria-label="Balances" className="flex flex-col gap-1.5 text-sm">
      {balances.map(({ asset, available, reserved }) => (
        <div key={asset} className="flex items-baseline justify-between gap-3">
          <dt className="font-medium">{asset}</dt>
          <dd className="num text-right">
            {formatQuantity(available)}
            {new Decimal(reserved).isZero() ? null : (
              <span className="block text-xs text-muted">{formatQuantity(reserved)} reserved</span>
            )}
          </dd>
        </div>
      ))}
      {hidden === 0 ? null : <p className="text-xs text-muted">and {hidden} more</p>}
    </dl>
  );
}

/** Realised P&L net of fees per quote asset, for the workspace in $1, since 00:00 UTC of the instant in the parameter named. */
export const realisedTodaySql = (now: string): string =>
  `select split_part(symbol, '/', 2) as quote, sum(realised_pnl)::text as pnl from fills
   where workspace_id = $1::uuid and executed_at >= date_trunc('day', ${now}::timestamptz at time zone 'UTC') at time zone 'UTC'
   group by 1`;

-- The price that each market's day is measured by, and what came of it when it fell too far.

-- CreateTable
CREATE TABLE "market_days" (
    "mode" TEXT NOT NULL,
    "venue" TEXT NOT NULL,
    "symbol" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "anchor" DECIMAL(38,18) NOT NULL,
    "fell_to" DECIMAL(38,18),
    "fell_at" TIMESTAMPTZ(6),
    "rest_until" TIMESTAMPTZ(6),

    CONSTRAINT "market_days_pkey" PRIMARY KEY ("mode","venue","symbol")
);

-- ---------------------------------------------------------------- CHECKs

alter table market_days add constraint market_days_mode check (mode in ('PAPER', 'LIVE')),
  add constraint market_days_anchor check (anchor > 0),
  -- INVARIANT: what is stopped has an end, so nothing can be shut for good by a lost write.
  add constraint market_days_fall check ((fell_at is null) = (fell_to is null) and (fell_at is null) = (rest_until is null) and rest_until > fell_at);

-- ---------------------------------------------------------------- privileges

grant select on market_days to nija_web;
grant select, insert, update on market_days to nija_worker;

import ccxt from "ccxt";
import { describe, expect, test } from "vitest";
import { readEvidence, rememberEvidence, retryAfter } from "#server/execution/executors/ccxt/evidence.ts";
import { HeldBack } from "#server/execution/executors/ccxt/limiter.ts";
import { explain, judge, VERDICT_BY_CLASS } from "#server/execution/executors/ccxt/outcome.ts";
import { createScrub } from "#server/execution/executors/ccxt/scrub.ts";
import { readBinanceRefusal } from "#server/execution/executors/ccxt/venues/binance-answers.ts";
import { readCoinbaseRefusal } from "#server/execution/executors/ccxt/venues/coinbase-answers.ts";
import { readKrakenRefusal } from "#server/execution/executors/ccxt/venues/kraken-answers.ts";
import { MalformedAnswer } from "#server/execution/executors/ccxt/wire-value.ts";

const silent = () => null;
const answered = (error: Error, status: number, body: unknown, headers: Record<string, string> = {}) => {
  rememberEvidence(error, readEvidence(status, headers, typeof body === "string" ? body : JSON.stringify(body)));
  return error;
};

describe("what an error means for an order", () => {
  test("every error class of the client library has a verdict, and no verdict is for a class that is gone", () => {
    const classes = Object.values(ccxt)
      .filter(
        (value): value is typeof ccxt.BaseError =>
          typeof value === "function" && (value === ccxt.BaseError || value.prototype instanceof ccxt.BaseError),
      )
      .map((value) => value.name);
    expect(classes.length).toBeGreaterThan(30);
    expect(Object.keys(VERDICT_BY_CLASS).sort()).toEqual([...new Set(classes)].sort());
  });

  test("what only says that something failed is never a refusal", () => {
    for (const name of [
      "BaseError",
      "ExchangeError",
      "OperationFailed",
      "NetworkError",
      "RequestTimeout",
      "ExchangeNotAvailable",
      "OnMaintenance",
      "BadResponse",
      "NullResponse",
      "DDoSProtection",
      "RateLimitExceeded",
      "InvalidNonce",
      "DuplicateOrderId",
      "NotSupported",
    ]) {
      expect(VERDICT_BY_CLASS[name]?.kind, name).toBe("unknown");
    }
  });

  test("a failure inside the library is unknown CLIENT_BUG, one on the wire is CONNECTION", () => {
    expect(judge(new TypeError("cannot read properties of undefined"), silent)).toEqual({ kind: "unknown", cause: "CLIENT_BUG" });
    expect(judge("text", silent)).toEqual({ kind: "unknown", cause: "CLIENT_BUG" });
    const cut = Object.assign(new Error("other side closed"), { code: "UND_ERR_SOCKET" });
    expect(judge(cut, silent)).toEqual({ kind: "unknown", cause: "CONNECTION" });
    expect(judge(new MalformedAnswer("no id"), silent)).toEqual({ kind: "unknown", cause: "BAD_RESPONSE" });
  });

  test("a server error stays unknown even if its body names a refusal", () => {
    const body = { code: -2010, msg: "Account has insufficient balance for requested action." };
    for (const status of [500, 502, 503, 520]) {
      const error = answered(new ccxt.InsufficientFunds("no funds"), status, body);
      expect(judge(error, readBinanceRefusal)).toEqual({ kind: "unknown", cause: "VENUE_ERROR" });
    }
  });

  test("a page from a proxy on the way is no word of the venue", () => {
    for (const status of [400, 401, 403, 404, 407]) {
      const error = answered(new ccxt.AuthenticationError("denied"), status, "<html>blocked</html>");
      expect(judge(error, silent)).toEqual({ kind: "unknown", cause: "VENUE_ERROR" });
    }
  });

  test("only what was held back here counts as not sent", () => {
    const until = new Date("2026-01-01T00:00:10Z");
    const scrub = createScrub([]);
    expect(explain(new HeldBack(until, "pause"), silent, scrub)).toMatchObject({ notSent: true, pausedUntil: until });
    expect(explain(new ccxt.RequestTimeout("late"), silent, scrub)).toMatchObject({ notSent: false, pausedUntil: null });
  });

  test("Retry-After is read in seconds and as a date, and nothing else", () => {
    const now = new Date("2026-01-01T00:00:00Z");
    const at = (value: string) => retryAfter(readEvidence(429, { "Retry-After": value }, ""), now)?.toISOString();
    expect(at("30")).toBe("2026-01-01T00:00:30.000Z");
    expect(at("Thu, 01 Jan 2026 00:01:00 GMT")).toBe("2026-01-01T00:01:00.000Z");
    expect(at("soon")).toBeUndefined();
    expect(retryAfter(null, now)).toBeNull();
  });
});

describe("the venues' own words", () => {
  const read = (reader: typeof readBinanceRefusal, status: number, body: unknown) =>
    reader(readEvidence(status, {}, JSON.stringify(body)));

  test.each([
    [
      { code: -2010, msg: "Duplicate order sent." },
      { kind: "unknown", cause: "DUPLICATE_CLIENT_ORDER_ID" },
    ],
    [
      { code: -2015, msg: "Invalid API-key, IP, or permissions for action." },
      { kind: "rejected", reason: "AUTHENTICATION" },
    ],
    [
      { code: -1006, msg: "Execution status unknown." },
      { kind: "unknown", cause: "VENUE_ERROR" },
    ],
    [
      { code: -1007, msg: "Send status unknown." },
      { kind: "unknown", cause: "TIMEOUT" },
    ],
    [
      { code: -1015, msg: "Too many new orders." },
      { kind: "unknown", cause: "RATE_LIMITED" },
    ],
    [
      { code: -1021, msg: "Timestamp for this request is outside of the recvWindow." },
      { kind: "unknown", cause: "NONCE" },
    ],
    [
      { code: -2010, msg: "Market is closed." },
      { kind: "rejected", reason: "MARKET_CLOSED" },
    ],
    [{ msg: "no code" }, null],
  ])("binance: %o", (body, verdict) => {
    expect(read(readBinanceRefusal, 400, body)).toEqual(verdict);
  });

  test.each([
    ["EAPI:Invalid nonce", { kind: "unknown", cause: "NONCE" }],
    ["EAPI:Rate limit exceeded", { kind: "unknown", cause: "RATE_LIMITED" }],
    ["EGeneral:Temporary lockout", { kind: "unknown", cause: "RATE_LIMITED" }],
    ["EService:Unavailable", { kind: "unknown", cause: "VENUE_ERROR" }],
    ["EService:Deadline elapsed", { kind: "unknown", cause: "VENUE_ERROR" }],
    ["EGeneral:Internal error", { kind: "unknown", cause: "VENUE_ERROR" }],
    ["EService:Market in cancel_only mode", { kind: "rejected", reason: "MARKET_CLOSED" }],
    ["EAPI:Invalid signature", { kind: "rejected", reason: "AUTHENTICATION" }],
    ["ETrade:User Locked", { kind: "rejected", reason: "ACCOUNT_SUSPENDED" }],
    ["EOrder:Insufficient funds", { kind: "rejected", reason: "INSUFFICIENT_FUNDS" }],
    ["ESomething:Never heard of", { kind: "unknown", cause: "VENUE_ERROR" }],
  ])("kraken: %s", (error, verdict) => {
    expect(read(readKrakenRefusal, 200, { error: [error] })).toEqual(verdict);
  });

  test.each([
    [
      { error: "UNKNOWN_FAILURE_REASON", preview_failure_reason: "UNKNOWN_PREVIEW_FAILURE_REASON" },
      { kind: "unknown", cause: "VENUE_ERROR" },
    ],
    [
      { error: "UNKNOWN_FAILURE_REASON", preview_failure_reason: "PREVIEW_INSUFFICIENT_FUND" },
      { kind: "rejected", reason: "INSUFFICIENT_FUNDS" },
    ],
    [{ error: "INVALID_LIMIT_PRICE_POST_ONLY" }, { kind: "rejected", reason: "INVALID_ORDER" }],
  ])("coinbase refuses an order with %o", (error_response, verdict) => {
    expect(read(readCoinbaseRefusal, 200, { success: false, error_response })).toEqual(verdict);
  });
});

import type { AcceptedIntent } from "./platform-side.ts";
import type { ProcessorTimes } from "./processor-time.ts";

/** What one measurement of both sides at a rate brought. */
export interface Samples {
  readonly ratePerSecond: number;
  readonly rawAckMs: number[];
  /** Calls for which the client library threw. */
  rawFailed: number;
  readonly accepted: AcceptedIntent[];
  /** Intents that ended in an error before they were accepted; a denial is none. */
  failed: number;
  /** Processor time of the client library's process while it sent. */
  rawCpuMs: number;
  /** Processor time by process, of each slice of the platform's. */
  readonly used: ProcessorTimes[];
}

import type { IncomingHttpHeaders } from "node:http";
import type { SimAccount, SimRejectReason, SimVenueId, VenueEngine } from "#simulator/engine/types.ts";

/** One parsed HTTP request. `body` is the raw text (signatures are taken over it), `query` the raw query string. */
export interface FaceRequest {
  readonly method: string;
  readonly path: string; // without the query
  readonly query: string; // raw, without "?"
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface FaceResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown; // sent as JSON
}

/** A socket as a face sees it: text frames in and out. The shared server freezes or cuts it when a fault says so. */
export interface FaceSocket {
  readonly path: string;
  readonly query: string;
  send(message: unknown): void; // JSON
  sendText(text: string): void; // as it is
  close(code?: number): void;
}

export interface FaceSocketHandler {
  message(text: string): void;
  closed(): void;
}

/** What the shared server decides before a request reaches a face, by fault or by the face's own rate limit. */
export type FaceFailure =
  | { readonly kind: "rate-limited"; readonly retryAfterSeconds: number; readonly banned: boolean }
  | { readonly kind: "unavailable"; readonly status: number };

/**
 * A venue's wire protocol over a VenueEngine. One folder per venue: `protocols/<venue>/` with `face.ts` exporting
 * `create<Venue>Face(engine)`. Signatures, error bodies and headers are the venue's documented ones.
 */
export interface ProtocolFace {
  readonly venue: SimVenueId;
  handle(request: FaceRequest): FaceResponse;
  /** Answers true if the request asks to place an order (the control API's faults name kinds of call). */
  callKind(request: FaceRequest): "place" | "cancel" | "replace" | "query" | "public";
  /** The account a request claims to be for (by its key), before authentication. */
  accountOf(request: FaceRequest): SimAccount | undefined;
  /** The venue's documented body for a failure that the server injects. */
  failure(failure: FaceFailure): FaceResponse;
  /** The venue's documented body for a refusal injected by the control API. */
  refusal(reason: SimRejectReason): FaceResponse;
  socket(socket: FaceSocket): FaceSocketHandler;
}

export type CreateFace = (engine: VenueEngine) => ProtocolFace;

import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { SimVenueId } from "#simulator/engine/types.ts";
import type { CreateFace } from "#simulator/protocols/face.ts";

const FACE_NAMES: Readonly<Record<SimVenueId, string>> = {
  binance: "createBinanceFace",
  coinbase: "createCoinbaseFace",
  kraken: "createKrakenFace",
};

/** The protocol faces that are there. */
export async function loadFaces(): Promise<Partial<Record<SimVenueId, CreateFace>>> {
  const faces: Partial<Record<SimVenueId, CreateFace>> = {};
  for (const venue of Object.keys(FACE_NAMES) as SimVenueId[]) {
    const file = join(import.meta.dirname, venue, "face.ts");
    if (!existsSync(file)) continue;
    const module = (await import(pathToFileURL(file).href)) as Record<string, CreateFace | undefined>;
    const create = module[FACE_NAMES[venue]];
    if (create !== undefined) faces[venue] = create;
  }
  return faces;
}

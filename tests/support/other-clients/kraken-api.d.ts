declare module "kraken-api" {
  export default class KrakenClient {
    constructor(apiKey: string, secret: string, options: { url: string });
    api(method: string, params: Record<string, string>): Promise<unknown>;
  }
}

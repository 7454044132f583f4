import type { Client, ClientOptions } from './types.ts'

/** A client of the gateway at `options.url`; it opens nothing before `connect()`. Throws SDK_BAD_URL. */
export declare function createClient(options: ClientOptions): Client

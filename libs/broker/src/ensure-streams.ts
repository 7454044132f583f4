import type { Logger } from 'pino'
import type { Broker } from './broker.ts'
import type { StreamSpec } from './stream-table.ts'

/** What was done to one stream. */
export interface EnsuredStream {
  readonly name: string
  readonly outcome: 'created' | 'updated' | 'unchanged'
}

/** Creates or updates streams. */
export declare function ensureStreams(
  broker: Broker,
  specs: readonly StreamSpec[],
  log: Logger,
  options?: { readonly mayShrink?: boolean }
): Promise<readonly EnsuredStream[]>

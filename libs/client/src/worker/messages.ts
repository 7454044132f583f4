import type { WireError } from '@meridian/errors'
import type { AckRecord, CommandAccepted } from '@meridian/protocol/commands'
import type { PatternRequest } from '@meridian/protocol/live'
import type {
  Client,
  ClientOptions,
  ClientStatus,
  CommandOptions,
  Outcome,
  RefusedPattern,
  Update
} from '../types.ts'

/** Options of a client whose socket is in a worker: whatever can be sent there. */
export type WorkerClientOptions = Omit<ClientOptions, 'WebSocket'>

/** A client that says where its connection is: `page` where the browser has not what was asked for. */
export type PlacedClient = Client & { readonly place: 'page' | 'worker' | 'shared worker' }

/** What a page says to its worker, a list of them per message. `subscribe` also replaces patterns. */
export type PageRecord =
  | { readonly op: 'hello'; readonly options: WorkerClientOptions }
  | { readonly op: 'connect' | 'probe' | 'alive' | 'leave' }
  /** The page holds this Web Lock for as long as it lives. */
  | { readonly op: 'holds'; readonly lock: string }
  | { readonly op: 'subscribe'; readonly id: number; readonly patterns: readonly (string | PatternRequest)[] }
  | { readonly op: 'unsubscribe'; readonly id: number }
  | { readonly op: 'command'; readonly command: CommandOptions & { readonly id: string } }
  /** So many updates have been handed over to the page's handlers. */
  | { readonly op: 'taken'; readonly updates: number }

/** What a worker says to its page. `gone`: the page was taken for dead, and has nothing here any more. */
export type WorkerRecord =
  | { readonly op: 'status'; readonly status: ClientStatus }
  | { readonly op: 'data'; readonly id: number; readonly update: Update }
  | { readonly op: 'live'; readonly id: number }
  | { readonly op: 'flush'; readonly id: number }
  | { readonly op: 'outcome'; readonly id: number; readonly outcome: Outcome }
  | { readonly op: 'refused'; readonly id: number; readonly refused: readonly RefusedPattern[] }
  | { readonly op: 'stage'; readonly id: string; readonly record: AckRecord }
  | { readonly op: 'accepted'; readonly id: string; readonly accepted: CommandAccepted }
  | { readonly op: 'done'; readonly id: string; readonly record: AckRecord }
  | {
      readonly op: 'failed'
      readonly id: string
      readonly what: 'accepted' | 'done'
      readonly error: WireError
    }
  | { readonly op: 'alive' | 'gone' }

/** All that a worker said in one turn, and how things stand after it. */
export interface WorkerBatch {
  readonly records: readonly WorkerRecord[]
  readonly status: ClientStatus | undefined
}

/** The part of a MessagePort that is used; a Worker, and a worker's own scope, have it too. */
export interface Port {
  onmessage: ((event: { readonly data: never }) => void) | null
  postMessage(message: unknown): void
}

/**
 * Codes of the client in a worker; rows of the table in @meridian/errors, as the client's own are. A test
 * compares the two.
 */
export const workerErrors = {
  SDK_WORKER_LOST: { message: 'worker of the connection ended or cannot be started', canRetry: true }
} as const satisfies Record<string, Pick<WireError, 'message' | 'canRetry'>>

/** The error of a worker that is lost, as data. */
export function workerLost(reason: string): WireError {
  const { message, canRetry } = workerErrors.SDK_WORKER_LOST
  return {
    code: 'SDK_WORKER_LOST',
    message: `SDK_WORKER_LOST: ${message}`,
    canRetry,
    facts: { reason }
  }
}

/** What is said in one turn of the event loop becomes one message; `flush` sends it at once. */
export interface Batcher<R> {
  say(record: R): void
  flush(): void
}

/** Gathers what is said in one turn of the event loop into one message. */
export function createBatcher<R>(post: (records: readonly R[]) => void): Batcher<R> {
  let records: R[] = []
  function flush(): void {
    if (records.length === 0) return
    const taken = records
    records = []
    post(taken)
  }
  return {
    flush,
    say(record: R): void {
      if (records.push(record) === 1) queueMicrotask(flush)
    }
  }
}

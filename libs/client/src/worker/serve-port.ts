import type { WireError } from '@meridian/errors'
import type { PatternRequest } from '@meridian/protocol/live'
import type { ClientError } from '../client-error.ts'
import type { Client, CommandOptions, Subscription } from '../types.ts'
import {
  createBatcher,
  type PageRecord,
  type Port,
  type WorkerClientOptions,
  type WorkerRecord
} from './messages.ts'

/** The worker's side of one page. */
export interface ServeOptions {
  /** The client for a page with these options. It throws as `createClient` does. */
  lease(options: WorkerClientOptions): Client
  /** The page has left, or is taken for dead: it needs the client no more. */
  release(): void
  /** A page that says nothing for so long, ms, is taken for dead; without it a page ends with its worker. */
  readonly silenceMs?: number
  /** Updates that a page may have waiting; default 20,000. */
  readonly maxUnread?: number
}

const MAX_UNREAD = 20_000

interface Served {
  readonly patterns: readonly (string | PatternRequest)[]
  readonly subscription: Subscription | undefined
}

/**
 * Serves the page at the other end of `port` until it leaves. A page that does not take what it is sent is
 * no place to store it: with `maxUnread` updates waiting its subscriptions end, and begin anew with last values
 * once it has caught up, which each is told as an outcome `snapshot` of all streams.
 */
export function servePort(port: Port, options: ServeOptions): void {
  const page = new ServedPage(port, options)
  port.onmessage = ({ data }) => page.receive(data as readonly PageRecord[])
}

class ServedPage {
  readonly #port: Port
  readonly #options: ServeOptions
  readonly #batcher = createBatcher<WorkerRecord>(records => this.#post(records))
  readonly #served = new Map<number, Served>()
  #client: Client | undefined
  #forgetStatus = (): void => undefined
  #silence: ReturnType<typeof setTimeout> | undefined
  #unread = 0
  #isBehind = false

  constructor(port: Port, options: ServeOptions) {
    this.#port = port
    this.#options = options
  }

  receive(records: readonly PageRecord[]): void {
    // What comes from a page that was taken for dead, and was only frozen.
    if (this.#client === undefined && records[0]?.op !== 'hello') this.#say({ op: 'gone' })
    else for (const record of records) this.#take(record)
    this.#awaitNext()
  }

  #take(record: PageRecord): void {
    if (record.op === 'hello') this.#greet(record.options)
    else if (record.op === 'subscribe') this.#subscribe(record.id, record.patterns)
    else if (record.op === 'unsubscribe') this.#unsubscribe(record.id)
    else if (record.op === 'command') this.#command(record.command)
    else if (record.op === 'taken') this.#taken(record.updates)
    else if (record.op === 'holds') this.#awaitLock(record.lock)
    else if (record.op === 'alive') this.#say({ op: 'alive' })
    else if (record.op === 'leave') this.#leave()
    else this.#client?.[record.op]()
  }

  #greet(options: WorkerClientOptions): void {
    this.#client = this.#options.lease(options)
    this.#forgetStatus = this.#client.onStatus(status => this.#say({ op: 'status', status }))
    this.#say({ op: 'status', status: this.#client.status() })
  }

  #subscribe(id: number, patterns: Served['patterns']): void {
    const known = this.#served.get(id)?.subscription
    known?.update(patterns)
    this.#served.set(id, { patterns, subscription: known ?? this.#begin(id, patterns) })
  }

  #begin(id: number, patterns: Served['patterns']): Subscription | undefined {
    if (this.#isBehind) return undefined
    return this.#client?.subscribe(patterns, {
      onData: update => {
        if (++this.#unread > (this.#options.maxUnread ?? MAX_UNREAD)) this.#fallBehind()
        else this.#say({ op: 'data', id, update })
      },
      onLive: () => this.#say({ op: 'live', id }),
      onFlush: () => this.#say({ op: 'flush', id }),
      onOutcome: outcome => this.#say({ op: 'outcome', id, outcome }),
      onRefused: refused => this.#say({ op: 'refused', id, refused })
    })
  }

  #unsubscribe(id: number): void {
    this.#served.get(id)?.subscription?.close()
    this.#served.delete(id)
  }

  #fallBehind(): void {
    this.#unread--
    this.#isBehind = true
    for (const [id, { patterns, subscription }] of this.#served) {
      subscription?.close()
      this.#served.set(id, { patterns, subscription: undefined })
    }
  }

  #taken(updates: number): void {
    this.#unread -= updates
    if (!this.#isBehind || this.#unread > 0) return
    this.#isBehind = false
    for (const [id, { patterns }] of this.#served) {
      this.#say({ op: 'outcome', id, outcome: { kind: 'snapshot', stream: '*' } })
      this.#subscribe(id, patterns)
    }
  }

  #command(command: CommandOptions & { readonly id: string }): void {
    const { id } = command
    const handle = this.#client?.command(command, {
      onStage: record => this.#say({ op: 'stage', id, record })
    })
    const failed = (what: 'accepted' | 'done') => (error: unknown) =>
      this.#say({ op: 'failed', id, what, error: wireOf(error) })
    handle?.accepted.then(accepted => this.#say({ op: 'accepted', id, accepted }), failed('accepted'))
    handle?.done.then(record => this.#say({ op: 'done', id, record }), failed('done'))
  }

  #awaitLock(lock: string): void {
    void locks()?.request(lock, () => this.#leave())
  }

  #awaitNext(): void {
    const { silenceMs } = this.#options
    clearTimeout(this.#silence)
    if (silenceMs !== undefined && this.#client !== undefined)
      this.#silence = setTimeout(() => this.#leave(), silenceMs)
  }

  #leave(): void {
    if (this.#client === undefined) return
    clearTimeout(this.#silence)
    this.#forgetStatus()
    for (const { subscription } of this.#served.values()) subscription?.close()
    this.#served.clear()
    this.#client = undefined
    this.#options.release()
  }

  #say(record: WorkerRecord): void {
    if (this.#client !== undefined || record.op === 'gone') this.#batcher.say(record)
  }

  #post(records: readonly WorkerRecord[]): void {
    this.#port.postMessage({ records, status: this.#client?.status() })
  }
}

interface Locks {
  request(name: string, work: () => void): Promise<unknown>
}

/** Web Locks, which browsers have in pages of https and of this machine. */
const locks = (): Locks | undefined =>
  (globalThis as { readonly navigator?: { readonly locks?: Locks } }).navigator?.locks

function wireOf(error: unknown): WireError {
  const { code, message, canRetry, facts } = error as ClientError
  return { code, message, canRetry, ...(facts === undefined ? {} : { facts }) }
}

import type { WireError } from '@meridian/errors'
import { socketUrlOf } from '../client.ts'
import { systemClock } from '../clock.ts'
import { guarded } from '../registry.ts'
import { UNTOLD } from '../status.ts'
import type { Client, ClientStatus, SubscriptionHandlers } from '../types.ts'
import {
  createBatcher,
  type PageRecord,
  type Port,
  type WorkerBatch,
  type WorkerClientOptions,
  type WorkerRecord,
  workerLost
} from './messages.ts'
import { createPageCommands, type PageCommands } from './page-commands.ts'

/** A worker that was started, or one more port to one that runs. */
export interface WorkerLink {
  readonly port: Port
  /** A Web Lock of this name is held for as long as the page lives, where the browser has them. */
  readonly lock?: string
  /** Ends what belongs to the page alone, after its last message. */
  end(): void
}

/** How a page reaches its worker. `onFault` is called when it cannot be loaded or fails. */
export type OpenWorker = (onFault: (reason: string) => void) => WorkerLink

const BEAT_MS = 20_000
/** So many beats without any answer, and the worker is taken for lost. */
const UNANSWERED_BEATS = 3

type Wanted = Pick<Extract<PageRecord, { op: 'subscribe' }>, 'patterns'> & {
  readonly handlers: SubscriptionHandlers
}

/**
 * A client whose connection is in the worker that `open` gives: the same interface, the same promises.
 *
 * away: no worker; `connect` leaves it. working: a worker has all subscriptions and commands. A worker that fails
 * leads to away with SDK_WORKER_LOST; one that does not answer for 60 to 80 s, or that took this page for dead, is replaced,
 * and subscriptions are told `snapshot` of all streams. `close` leads to away.
 */
export function createPageClient(options: WorkerClientOptions, open: OpenWorker): Client {
  return new PageClient({ ...options, url: socketUrlOf(options.url) }, open)
}

class PageClient implements Client {
  readonly #options: WorkerClientOptions
  readonly #open: OpenWorker
  readonly #wanted = new Map<number, Wanted>()
  readonly #listeners = new Set<(status: ClientStatus) => void>()
  readonly #commands: PageCommands = createPageCommands(record => this.#say(record))
  #talk: Talk | undefined
  #status: ClientStatus = { ...UNTOLD, state: 'idle', sinceMs: systemClock.nowMs(), attempt: 0 }
  #lastId = 0

  constructor(options: WorkerClientOptions, open: OpenWorker) {
    this.#options = options
    this.#open = open
  }

  connect(): void {
    if (this.#talk === undefined) this.#start()
    else this.#say({ op: 'connect' })
  }

  probe(): void {
    this.#say({ op: 'probe' })
  }

  close(): void {
    this.#end()
    this.#wanted.clear()
    this.#commands.closeAll()
    if (this.#status.state !== 'closed') this.#ended(undefined)
  }

  status(): ClientStatus {
    return this.#status
  }

  onStatus(listener: (status: ClientStatus) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  subscribe: Client['subscribe'] = (patterns, handlers) => {
    const id = ++this.#lastId
    const want = (next: Wanted['patterns']): void => {
      // A copy, as the plain client makes one: what a program changes later is no part of it.
      const copy = structuredClone(next)
      this.#wanted.set(id, { patterns: copy, handlers: handlers as unknown as SubscriptionHandlers })
      this.#say({ op: 'subscribe', id, patterns: copy })
    }
    want(patterns)
    return {
      close: () => {
        if (this.#wanted.delete(id)) this.#say({ op: 'unsubscribe', id })
      },
      update: next => {
        if (this.#wanted.has(id)) want(next)
      }
    }
  }

  command: Client['command'] = (command, handlers = {}) => this.#commands.run(command, handlers)

  #start(): void {
    try {
      this.#talk = new Talk(this.#open, {
        onRecord: record => this.#take(record),
        onStatus: status => {
          this.#status = status
        },
        onFault: reason => this.#lost(workerLost(reason)),
        onSilence: () => this.#restart()
      })
    } catch (cause) {
      this.#lost(workerLost(String(cause)))
      return
    }
    this.#say({ op: 'hello', options: this.#options })
    for (const [id, { patterns }] of this.#wanted) this.#say({ op: 'subscribe', id, patterns })
    this.#commands.begin()
    this.#say({ op: 'connect' })
  }

  #restart(): void {
    this.#end()
    this.#commands.loseAll()
    for (const { handlers } of [...this.#wanted.values()])
      guarded(() => handlers.onOutcome?.({ kind: 'snapshot', stream: '*' }))
    this.#start()
  }

  #lost(error: WireError): void {
    this.#end()
    this.#commands.loseAll()
    this.#ended(error)
  }

  #end(): void {
    this.#talk?.end()
    this.#talk = undefined
  }

  #ended(error: WireError | undefined): void {
    const { error: _, ...known } = this.#status
    const ended = { ...UNTOLD, state: 'closed', sinceMs: systemClock.nowMs() } as const
    this.#tell({ ...known, ...ended, ...(error === undefined ? {} : { error }) })
  }

  #tell(status: ClientStatus): void {
    this.#status = status
    for (const listener of [...this.#listeners]) guarded(() => listener(status))
  }

  #say(record: PageRecord): boolean {
    this.#talk?.say(record)
    return this.#talk !== undefined
  }

  #take(record: WorkerRecord): void {
    if (record.op === 'status') this.#tell(record.status)
    else if (record.op === 'gone') this.#restart()
    else if ('id' in record) {
      if (typeof record.id === 'string') this.#commands.take(record as Extract<WorkerRecord, { id: string }>)
      else this.#hand(record as Extract<WorkerRecord, { id: number }>)
    }
  }

  #hand(record: Extract<WorkerRecord, { id: number }>): void {
    const handlers = this.#wanted.get(record.id)?.handlers
    if (handlers !== undefined) guarded(() => handOver(handlers, record))
  }
}

function handOver(handlers: SubscriptionHandlers, record: Extract<WorkerRecord, { id: number }>): void {
  if (record.op === 'data') handlers.onData(record.update)
  else if (record.op === 'flush') handlers.onFlush?.()
  else if (record.op === 'live') handlers.onLive?.()
  else if (record.op === 'outcome') handlers.onOutcome?.(record.outcome)
  else if (record.op === 'refused') handlers.onRefused?.(record.refused)
}

interface TalkEvents {
  onRecord(record: WorkerRecord): void
  onStatus(status: ClientStatus): void
  onFault(reason: string): void
  onSilence(): void
}

/** What is said between a page and one worker, until `end`; nothing is reported after it. */
class Talk {
  readonly #events: TalkEvents
  readonly #link: WorkerLink
  readonly #batcher = createBatcher<PageRecord>(records => this.#link.port.postMessage(records))
  readonly #beat: ReturnType<typeof setInterval>
  readonly #forgetPage: () => void
  #unansweredBeats = 0
  #isOver = false
  #leaveLock = (): void => undefined

  constructor(open: OpenWorker, events: TalkEvents) {
    this.#events = events
    this.#link = open(reason => this.#isOver || events.onFault(reason))
    this.#link.port.onmessage = ({ data }) => this.#receive(data)
    this.#beat = setInterval(() => this.#ask(), BEAT_MS)
    this.#forgetPage = onPageHide(() => this.end())
    this.#hold(this.#link.lock)
  }

  /** Throws where a record cannot be sent to a worker, for it is not data alone. */
  say(record: PageRecord): void {
    if (!this.#isOver) this.#batcher.say(record.op === 'command' ? structuredClone(record) : record)
  }

  end(): void {
    if (this.#isOver) return
    this.say({ op: 'leave' })
    this.#batcher.flush()
    this.#isOver = true
    clearInterval(this.#beat)
    this.#forgetPage()
    this.#leaveLock()
    this.#link.end()
  }

  #receive({ records, status }: WorkerBatch): void {
    this.#unansweredBeats = 0
    if (this.#isOver) return
    if (status !== undefined) this.#events.onStatus(status)
    let updates = 0
    for (const record of records) {
      if (record.op === 'data') updates++
      if (!this.#isOver) this.#events.onRecord(record)
    }
    if (status !== undefined && !this.#isOver) this.#events.onStatus(status)
    if (updates > 0) this.say({ op: 'taken', updates })
  }

  #ask(): void {
    if (this.#unansweredBeats++ >= UNANSWERED_BEATS) this.#events.onSilence()
    else this.say({ op: 'alive' })
  }

  #hold(name: string | undefined): void {
    if (name === undefined) return
    const { navigator } = globalThis as { readonly navigator?: { readonly locks?: Locks } }
    void navigator?.locks?.request(name, () => {
      this.say({ op: 'holds', lock: name })
      return new Promise<void>(resolve => {
        this.#leaveLock = resolve
        if (this.#isOver) resolve()
      })
    })
  }
}

interface Locks {
  request(name: string, work: () => Promise<void>): Promise<unknown>
}

/** A page that goes for good; one that the browser keeps, to come back to, only stands still. */
function onPageHide(work: () => void): () => void {
  const page = globalThis as Partial<EventTarget>
  const hidden = (event: Event): void => {
    if ((event as { readonly persisted?: boolean }).persisted !== true) work()
  }
  page.addEventListener?.('pagehide', hidden)
  return () => page.removeEventListener?.('pagehide', hidden)
}

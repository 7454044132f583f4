import type { PatternRequest, SubscriptionRequest } from '@meridian/protocol/live'
import { defaultQualityOf, matches, type Pattern, splitPattern } from '@meridian/subjects'
import type { Outcome, SubscriptionHandlers } from './types.ts'

/**
 * A subscription as the client keeps it. `confirmed` are the patterns that a gateway last made live, `wanted`
 * those that count now.
 */
export interface SubscriptionEntry {
  readonly id: number
  readonly handlers: SubscriptionHandlers
  readonly slots: Map<string, Slot>
  wanted: Wanted
  confirmed: readonly PatternRequest[] | undefined
  /** Had updates in the message that is being read. */
  isTouched: boolean
  isClosed: boolean
}

/** Patterns as asked for, and the same split into tokens. */
interface Wanted {
  readonly requests: readonly PatternRequest[]
  readonly patterns: readonly Pattern[]
}

/** One topic in one subscription: the guard against repetition over overlapping sockets. */
export interface Slot {
  readonly entry: SubscriptionEntry
  /** The requests that it came by: another choice of fields makes the last value worth having again. */
  readonly key: string
  readonly isAll: boolean
  lastSeq: number
  lastReceived: number
  /** Number of the session that used it last. */
  session: number
}

/** All subscriptions of a client. `version` changes whenever a topic might go to others than before. */
export interface Registry {
  version(): number
  add(requests: readonly (string | PatternRequest)[], handlers: SubscriptionHandlers): SubscriptionEntry
  replace(entry: SubscriptionEntry, requests: readonly (string | PatternRequest)[]): void
  remove(entry: SubscriptionEntry): void
  get(id: number): SubscriptionEntry | undefined
  entries(): Iterable<SubscriptionEntry>
  /** What a `resume` asks for: subscriptions as they were last live. */
  resumable(): SubscriptionRequest[]
  /**
   * What must be asked for besides those that are resumed: what is not among them, or has changed since it
   * was live.
   */
  pending(resumed: ReadonlySet<number>): SubscriptionRequest[]
  /** The slots that a topic goes to. */
  routesOf(subject: string): readonly Slot[]
  /**
   * Forgets slots that no session has used since the one that was settled before this one began, so that topics
   * which end do not pile up. Sessions that failed in between do not count: during a move the old connection
   * goes on beside any number of them.
   */
  prune(session: number): void
  clear(): void
}

/** Makes a registry without subscriptions; ids count from 1. */
export function createRegistry(): Registry {
  const entries = new Map<number, SubscriptionEntry>()
  let nextId = 1
  let version = 0
  let settled = 0

  return {
    version: () => version,
    get: id => entries.get(id),
    entries: () => entries.values(),
    add(requests, handlers) {
      const entry: SubscriptionEntry = {
        id: nextId++,
        handlers,
        slots: new Map(),
        wanted: wantedOf(requests),
        confirmed: undefined,
        isTouched: false,
        isClosed: false
      }
      entries.set(entry.id, entry)
      version++
      return entry
    },
    replace(entry, requests) {
      entry.wanted = wantedOf(requests)
      version++
    },
    remove(entry) {
      entry.isClosed = true
      entries.delete(entry.id)
      version++
    },
    resumable: () =>
      [...entries.values()].flatMap(({ id, confirmed }) =>
        confirmed === undefined ? [] : [{ id, patterns: confirmed }]
      ),
    pending: resumed =>
      [...entries.values()]
        .filter(({ id, confirmed, wanted }) => !resumed.has(id) || confirmed !== wanted.requests)
        .filter(({ wanted }) => wanted.requests.length > 0)
        .map(({ id, wanted }) => ({ id, patterns: wanted.requests })),
    routesOf(subject) {
      return [...entries.values()].flatMap(entry => slotOf(entry, subject))
    },
    prune(session) {
      for (const { slots } of entries.values())
        for (const [subject, slot] of slots) if (slot.session < settled) slots.delete(subject)
      settled = session
      version++
    },
    clear() {
      for (const entry of entries.values()) entry.isClosed = true
      entries.clear()
      version++
    }
  }
}

function wantedOf(requests: readonly (string | PatternRequest)[]): Wanted {
  const normal = requests.map(request => (typeof request === 'string' ? { pattern: request } : request))
  return { requests: normal, patterns: normal.map(({ pattern }) => splitPattern(pattern)) }
}

function slotOf(entry: SubscriptionEntry, subject: string): readonly Slot[] {
  const { requests, patterns } = entry.wanted
  const matching = requests.filter((_, i) => matches(patterns[i] as Pattern, subject))
  if (matching.length === 0) return []
  const key = JSON.stringify(matching)
  const known = entry.slots.get(subject)
  if (known?.key === key) return [known]
  const slot: Slot = {
    entry,
    key,
    isAll: matching.some(({ pattern, quality }) => (quality ?? defaultQualityOf(pattern)) === 'all'),
    // Lets the last message pass once more, with the fields that are wanted now.
    lastSeq: known === undefined ? -1 : known.lastSeq - 1,
    lastReceived: known?.lastReceived ?? 0,
    session: known?.session ?? 0
  }
  entry.slots.set(subject, slot)
  return [slot]
}

/**
 * Calls a handler of the user; what it throws surfaces as from any event listener and disturbs nothing here.
 */
export function guarded(run: () => void): void {
  try {
    run()
  } catch (error) {
    surface(error)
  }
}

const surface = (error: unknown): void => {
  const { reportError } = globalThis as { readonly reportError?: (error: unknown) => void }
  if (reportError !== undefined) reportError(error)
  else
    queueMicrotask(() => {
      throw error
    })
}

/** Tells a subscription what became of a stream. */
export const tellOutcome = (entry: SubscriptionEntry, outcome: Outcome): void =>
  guarded(() => entry.handlers.onOutcome?.(outcome))

import { createClientOf, socketUrlOf } from './client.ts'
import { systemClock } from './clock.ts'
import { type CursorPlace, createCursorPlace } from './cursor-place.ts'
import { createShelf, type KeptState, type KeptStorage } from './kept-shelf.ts'
import { createRegistry, type Registry } from './registry.ts'
import type { Client, ClientOptions } from './types.ts'

/** Options of a client that is kept: those of the core, and where and for how long. */
export interface KeptOptions extends ClientOptions {
  /** Default: the page's `sessionStorage`, which each tab has for itself. */
  readonly storage?: KeptStorage
  /** Name of the entry in the storage; default `meridian:` and the address. Two clients at a time need two names. */
  readonly key?: string
  /** What was kept longer ago, ms, is not continued; default 600,000 (ten minutes). */
  readonly maxAgeMs?: number
}

/** A client that says what became of the one before it. */
export type KeptClient = Client & { kept(): KeptState }

const DEFAULT_AGE_MS = 600_000
/** Time from a newer cursor to its being kept, ms; a page that goes keeps it at once. */
const WRITE_MS = 1000

/**
 * A client whose cursor outlives the page: after a reload, subscriptions with the same patterns as before go on
 * where they were. `onOutcome` says `resumed`, or `gap`, as after a lost connection, and `all` brings what was
 * missed and nothing else: no last values, so keep with the page's own state what it had been given. Other
 * subscriptions, `latest` and `minmax` begin with last values as ever. `close()` removes what was kept.
 *
 * What is kept are an opaque cursor and the patterns, no data. After a crash up to a second of messages may come
 * again; what waits in `subscribePerFrame` has been handed over. Throws SDK_BAD_URL.
 */
export function createClient(options: KeptOptions): KeptClient {
  const { storage, key = `meridian:${socketUrlOf(options.url)}`, maxAgeMs = DEFAULT_AGE_MS } = options
  const shelf = createShelf(storage, key)
  const found = shelf.read(maxAgeMs)
  const registry = createRegistry()
  const continued = new Continued(found?.subscriptions ?? [])
  const cursors = createKeptCursor(createCursorPlace(found?.cursor), {
    newer: () => continued.end(),
    write: cursor =>
      shelf.write({
        cursor,
        subscriptions: registry.resumable().map(({ patterns }) => JSON.stringify(patterns))
      }),
    remove: shelf.remove
  })
  const client = createClientOf(options, continued.into(registry), cursors)
  return { ...client, kept: shelf.state }
}

/** Subscriptions of before that nobody has made again yet. */
class Continued {
  readonly #left: string[]

  constructor(subscriptions: readonly string[]) {
    this.#left = [...subscriptions]
  }

  /** The cursor has moved on: what is made from now on begins anew. */
  end(): void {
    this.#left.length = 0
  }

  /** A registry in which a subscription with patterns of before counts as one that was live. */
  into(registry: Registry): Registry {
    return {
      ...registry,
      add: (requests, handlers) => {
        const entry = registry.add(requests, handlers)
        const at = this.#left.indexOf(JSON.stringify(entry.wanted.requests))
        if (at >= 0) {
          this.#left.splice(at, 1)
          entry.confirmed = entry.wanted.requests
        }
        return entry
      }
    }
  }
}

interface KeptCursorEvents {
  newer(): void
  write(cursor: string): void
  remove(): void
}

/** A place whose cursor is written soon after it moved, and at once when the page goes. */
function createKeptCursor(place: CursorPlace, { newer, write, remove }: KeptCursorEvents): CursorPlace {
  let cancel: (() => void) | undefined

  function flush(): void {
    const cursor = place.cursor()
    if (cancel !== undefined && cursor !== undefined) write(cursor)
    cancel?.()
    cancel = undefined
  }

  function forget(): void {
    cancel?.()
    cancel = undefined
    remove()
  }

  whenPageHides(flush)
  return {
    cursor: place.cursor,
    onCursor(cursor) {
      place.onCursor(cursor)
      newer()
      if (cursor === undefined) forget()
      else cancel ??= systemClock.after(WRITE_MS, flush)
    }
  }
}

/** A page may be gone for good after either event. Listened to for the life of the page, as the client may be. */
function whenPageHides(work: () => void): void {
  const page = globalThis as Partial<EventTarget> & { readonly document?: EventTarget }
  page.addEventListener?.('pagehide', work)
  page.document?.addEventListener('visibilitychange', work)
}

export type { KeptState, KeptStorage } from './kept-shelf.ts'

import { systemClock } from './clock.ts'

/** The part of a `Storage` that is used: `sessionStorage`, `localStorage`, or one of a program's own. */
export interface KeptStorage {
  getItem(key: string): string | null
  setItem(key: string, text: string): void
  removeItem(key: string): void
}

/**
 * What the storage had when the client was made: `found`, something to continue from; `nothing`; `old`, older than
 * `maxAgeMs` or from a clock that has been set back; `unreadable`, nonsense, which was removed. `unavailable`: there
 * is no storage, or it refuses to be read or written, or the patterns are more than 500,000 characters; nothing is
 * kept any more.
 */
export type KeptState = 'found' | 'nothing' | 'old' | 'unreadable' | 'unavailable'

/** A cursor, and the subscriptions that it holds for: their patterns as JSON. */
export interface KeptRecord {
  readonly cursor: string
  readonly subscriptions: readonly string[]
}

const VERSION = 1
/** Some tenth of what browsers give an origin. */
const MAX_CHARACTERS = 500_000

const pageStorage: KeptStorage = {
  getItem: key => sessionOf().getItem(key),
  setItem: (key, text) => sessionOf().setItem(key, text),
  removeItem: key => sessionOf().removeItem(key)
}

/** Reading the property may throw where a browser was told to keep nothing. */
function sessionOf(): KeptStorage {
  const { sessionStorage } = globalThis as { readonly sessionStorage?: KeptStorage }
  if (sessionStorage === undefined) throw new TypeError('no sessionStorage')
  return sessionStorage
}

/** One entry of a storage. Nothing of it throws: see `KeptState`. */
export interface Shelf {
  /** What reading found, or `unavailable` since a call failed. */
  state(): KeptState
  read(maxAgeMs: number): KeptRecord | undefined
  write(record: KeptRecord): void
  remove(): void
}

/** The entry `key` of a storage; by default of the page's `sessionStorage`. */
export function createShelf(storage: KeptStorage = pageStorage, key: string): Shelf {
  let state: KeptState = 'nothing'

  function attempt<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch {
      state = 'unavailable'
      return undefined
    }
  }

  const remove = (): void => attempt(() => storage.removeItem(key))

  return {
    state: () => state,
    remove,
    read(maxAgeMs) {
      const text = attempt(() => storage.getItem(key))
      if (typeof text !== 'string') return undefined
      const record = parseEntry(text)
      const ageMs = systemClock.wallMs() - (record?.savedMs ?? 0)
      if (record === undefined) state = 'unreadable'
      else state = ageMs < 0 || ageMs > maxAgeMs ? 'old' : 'found'
      if (state === 'found') return record
      remove()
      return undefined
    },
    write(record) {
      const text = JSON.stringify({ version: VERSION, savedMs: systemClock.wallMs(), ...record })
      attempt(() => {
        // A cursor without its subscriptions would be worth nothing.
        if (text.length > MAX_CHARACTERS) throw new RangeError('too much to be kept')
        storage.setItem(key, text)
      })
      // What is there of before would repeat everything since.
      if (state === 'unavailable') remove()
    }
  }
}

/** Reads what `write` wrote; undefined for anything else. */
function parseEntry(text: string): (KeptRecord & { readonly savedMs: number }) | undefined {
  if (text.length > MAX_CHARACTERS) return undefined
  try {
    const { version, savedMs, cursor, subscriptions } = JSON.parse(text) as Record<string, unknown>
    if (version !== VERSION || typeof savedMs !== 'number' || typeof cursor !== 'string') return undefined
    if (!Array.isArray(subscriptions) || !subscriptions.every(one => typeof one === 'string'))
      return undefined
    return { savedMs, cursor, subscriptions }
  } catch {
    return undefined
  }
}

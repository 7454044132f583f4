/** An ASCII key that was read before: its bytes are `words`, four at a time, and the last ones alone. */
interface KnownKey {
  readonly text: string
  readonly words: readonly number[]
}

const SLOTS = 2048
const MOST_BYTES = 48

/**
 * Keys that were read before, found by their bytes. They come again with every message, and making a string
 * of each would be most of what reading costs. Each slot holds the last key that fell on it, so strangers'
 * keys take no more room than others.
 */
export class KeyCache {
  readonly #slots: (KnownKey | undefined)[] = new Array(SLOTS).fill(undefined)

  /** The key of these bytes if it is known. */
  find(view: DataView, at: number, length: number): string | undefined {
    const known = this.#slots[slotOf(view, at, length)]
    if (known === undefined || known.text.length !== length) return undefined
    return holds(known.words, view, at, length) ? known.text : undefined
  }

  /** Keeps a key, unless it is long or not ASCII. */
  keep(text: string, view: DataView, at: number, length: number): void {
    if (length === 0 || length > MOST_BYTES || text.length !== length) return
    this.#slots[slotOf(view, at, length)] = { text, words: wordsOf(view, at, length) }
  }
}

/** Names of one topic begin alike or end alike, seldom both. */
function slotOf(view: DataView, at: number, length: number): number {
  if (length < 2) return length === 0 ? 0 : view.getUint8(at)
  const first = Math.imul(view.getUint16(at), 31)
  const last = Math.imul(view.getUint16(at + length - 2), 7)
  return (first ^ last ^ (length << 5)) & (SLOTS - 1)
}

function holds(words: readonly number[], view: DataView, at: number, length: number): boolean {
  const end = at + length
  let from = at
  let i = 0
  for (; from + 4 <= end; from += 4) if (words[i++] !== view.getInt32(from)) return false
  for (; from < end; from++) if (words[i++] !== view.getUint8(from)) return false
  return true
}

function wordsOf(view: DataView, at: number, length: number): number[] {
  const words: number[] = []
  const end = at + length
  let from = at
  for (; from + 4 <= end; from += 4) words.push(view.getInt32(from))
  for (; from < end; from++) words.push(view.getUint8(from))
  return words
}

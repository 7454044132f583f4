import type { Entry, SubjectQueue } from './spool.ts'

/** Messages of one kind that are sent and not yet settled, and the subjects that wait for room. */
export interface Flight {
  /** A subject has something to send. */
  addReady(queue: SubjectQueue): void
  /** The next subject, if there is room for a message. */
  takeReady(): SubjectQueue | undefined
  /** Gives a message its ticket. */
  board(entry: Entry): void
  /** The message of a ticket; undefined when it was settled before. */
  find(ticket: number): Entry | undefined
  leave(entry: Entry): void
  size(): number
  visit(each: (entry: Entry) => void): void
}

/** Makes room for `capacity` messages. No ticket is given twice, so a late answer never settles another message. */
export function createFlight(capacity: number): Flight {
  const slots = new Array<Entry | undefined>(capacity).fill(undefined)
  const free = Array.from({ length: capacity }, (_, slot) => capacity - 1 - slot)
  let uses = 0
  let firstReady: SubjectQueue | undefined
  let lastReady: SubjectQueue | undefined

  return {
    addReady(queue) {
      if (queue.isReady) return
      queue.isReady = true
      if (lastReady === undefined) firstReady = queue
      else lastReady.nextReady = queue
      lastReady = queue
    },
    takeReady() {
      const queue = firstReady
      if (queue === undefined || free.length === 0) return undefined
      firstReady = queue.nextReady
      if (firstReady === undefined) lastReady = undefined
      queue.nextReady = undefined
      queue.isReady = false
      return queue
    },
    board(entry) {
      const slot = free.pop() ?? 0
      slots[slot] = entry
      entry.ticket = uses++ * capacity + slot
    },
    find(ticket) {
      const entry = slots[ticket % capacity]
      return entry?.ticket === ticket ? entry : undefined
    },
    leave(entry) {
      const slot = entry.ticket % capacity
      slots[slot] = undefined
      free.push(slot)
      entry.ticket = -1
    },
    size: () => capacity - free.length,
    visit(each) {
      for (const entry of slots) if (entry !== undefined) each(entry)
    }
  }
}

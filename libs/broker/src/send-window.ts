import type { SpooledMessage, SubjectQueue } from './spool.ts'

/** Messages of one kind that are sent and not yet settled, what goes along with each, and the subjects that wait for room. */
export interface SendWindow {
  /** A subject has something to send. */
  addReady(queue: SubjectQueue): void
  /** The next subject, if there is room for a message. */
  takeReady(): SubjectQueue | undefined
  /** Takes a message in and gives it a ticket, which its reply subject carries. There must be room. */
  add(message: SpooledMessage): void
  /** The message of a ticket; undefined when it was settled before. */
  find(ticket: number): SpooledMessage | undefined
  remove(message: SpooledMessage): void
  size(): number
  /** How many more messages it may have in flight, those that go along with others counted. */
  room(): number
  visit(each: (message: SpooledMessage) => void): void
}

/**
 * An empty window for `capacity` messages. No ticket is given twice, so a late answer never settles another
 * message.
 */
export function createSendWindow(capacity: number): SendWindow {
  const slots = new Array<SpooledMessage | undefined>(capacity).fill(undefined)
  const free = Array.from({ length: capacity }, (_, slot) => capacity - 1 - slot)
  let uses = 0
  let along = 0
  let firstReady: SubjectQueue | undefined
  let lastReady: SubjectQueue | undefined

  const room = (): number => free.length - along

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
      if (queue === undefined || room() <= 0) return undefined
      firstReady = queue.nextReady
      if (firstReady === undefined) lastReady = undefined
      queue.nextReady = undefined
      queue.isReady = false
      return queue
    },
    add(message) {
      const slot = free.pop() ?? 0
      slots[slot] = message
      along += message.along?.length ?? 0
      message.ticket = uses++ * capacity + slot
    },
    find(ticket) {
      const message = slots[ticket % capacity]
      return message?.ticket === ticket ? message : undefined
    },
    remove(message) {
      const slot = message.ticket % capacity
      slots[slot] = undefined
      free.push(slot)
      along -= message.along?.length ?? 0
      message.ticket = -1
    },
    size: () => capacity - free.length,
    room,
    visit(each) {
      for (const message of slots) if (message !== undefined) each(message)
    }
  }
}

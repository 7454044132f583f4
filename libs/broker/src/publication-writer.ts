import type { NatsConnection } from '@nats-io/nats-core'
import type { NatsConnectionImpl } from '@nats-io/nats-core/internal'

// The one place that knows the inside of nats.js (its version is pinned, the publisher's tests hold what is
// used here). `publish` of nats.js makes five arrays for a message with a header and copies them once more
// when it sends; here a message is written once, and what was written in one turn of the event loop is handed
// over as one command [docs/adr/0006-bytes-we-write-ourselves.md].

/** Writes messages with an id as their only header to a connection. */
export interface PublicationWriter {
  /**
   * Sends a message with the others of this turn. Subject, reply and id are printable ASCII without spaces.
   * Returns false where the server takes no message of this size. Lost without a word while the connection is
   * away, or closed.
   */
  write(subject: string, reply: string, id: string, data: Uint8Array): boolean
}

const SLAB_BYTES = 64 * 1024
const HEADERS = 'NATS/1.0\r\nNats-Msg-Id: '
const END_OF_HEADERS = '\r\n\r\n'
const HEADERS_BYTES = HEADERS.length + END_OF_HEADERS.length
const CR = 0x0d
const LF = 0x0a

/** A writer of its own for one user of a connection. */
export function createPublicationWriter(nc: NatsConnection): PublicationWriter {
  const { protocol } = nc as NatsConnectionImpl
  let slab = Buffer.alloc(0)
  // What stands from `from` to `to` is still to be handed over; what stands before belongs to the socket.
  let from = 0
  let to = 0

  const handOver = (): void => {
    if (to === from) return
    if (!protocol.isClosed()) {
      protocol.sendCommand(slab.subarray(from, to))
      // At once: what waits for a second command is copied together with it.
      protocol['flushPending']()
    }
    from = to
  }
  const makeRoom = (bytes: number): void => {
    handOver()
    slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, bytes))
    from = 0
    to = 0
  }

  return {
    write(subject, reply, id, data) {
      const headersBytes = HEADERS_BYTES + id.length
      const bytes = headersBytes + data.length
      if (bytes > (protocol.info?.max_payload ?? bytes)) return false
      const head = `HPUB ${subject} ${reply} ${headersBytes} ${bytes}\r\n${HEADERS}${id}${END_OF_HEADERS}`
      const room = head.length + data.length + 2
      if (room > slab.length - to) makeRoom(room)
      if (to === from) queueMicrotask(handOver)
      to += slab.write(head, to, 'latin1')
      slab.set(data, to)
      to += data.length
      slab[to++] = CR
      slab[to++] = LF
      return true
    }
  }
}

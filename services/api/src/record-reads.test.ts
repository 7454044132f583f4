import { EventEmitter } from 'node:events'
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { createRecordReads } from './record-reads.ts'

/** A request of a client that can go away. */
function requestOf(socket = new EventEmitter()): FastifyRequest {
  return { raw: { socket } } as unknown as FastifyRequest
}
const never = (): Promise<never> => new Promise(() => {})

t.test('who waits too long for a turn is refused, and may ask again', async t => {
  const reads = createRecordReads(1, new AbortController().signal, 5)
  void reads.run(requestOf(), never)
  await t.rejects(
    reads.run(requestOf(), async () => 1),
    { code: 'API_BUSY', facts: { retryAfterSeconds: 1 } }
  )
})

t.test('a client that goes away leaves its place to others, and is read nothing', async t => {
  const reads = createRecordReads(1, new AbortController().signal)
  let end = (): void => {}
  const first = reads.run(requestOf(), () => new Promise<void>(resolve => (end = resolve)))
  const socket = new EventEmitter()
  const gone = reads.run(requestOf(socket), async () => t.fail('nobody wants it'))
  const waits = Array.from({ length: 31 }, () => reads.run(requestOf(), async () => 1))
  await t.rejects(reads.run(requestOf(), never), { code: 'API_BUSY' })
  socket.emit('close')
  await t.rejects(gone)
  waits.push(reads.run(requestOf(), async () => 1))
  end()
  await first
  t.equal((await Promise.all(waits)).length, 32)
})

t.test('a service that stops ends what is read and what waits', async t => {
  const stopping = new AbortController()
  const reads = createRecordReads(1, stopping.signal)
  const read = reads.run(
    requestOf(),
    signal => new Promise<string>(resolve => signal.addEventListener('abort', () => resolve('cut')))
  )
  const waits = reads.run(requestOf(), never)
  await new Promise(setImmediate)
  stopping.abort()
  t.equal(await read, 'cut')
  await t.rejects(waits, { code: 'NET_STOPPING' })
})

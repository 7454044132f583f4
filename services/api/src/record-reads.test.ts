import { EventEmitter } from 'node:events'
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { createRecordReads } from './record-reads.ts'

/** A request of a client that can go away. */
function requestOf(socket = new EventEmitter(), ip = '10.0.0.1'): FastifyRequest {
  return { raw: { socket }, ip } as unknown as FastifyRequest
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

t.test('forty that ask for everything wait for themselves: who asks once has the next turn', async t => {
  const reads = createRecordReads(2, new AbortController().signal)
  const order: string[] = []
  const ends: (() => void)[] = []
  const ask = (name: string, ip: string) =>
    reads.run(requestOf(undefined, ip), () => {
      order.push(name)
      return new Promise<void>(resolve => ends.push(resolve))
    })
  const greedy = Array.from({ length: 40 }, (_, i) => ask(`greedy${i}`, '10.0.0.1').catch(err => err.code))
  await new Promise(setImmediate)
  const honest = ask('honest', '10.0.0.2')
  for (let i = 0; i < 2; i++) {
    ends.shift()?.()
    await new Promise(setImmediate)
  }
  t.ok(order.includes('honest'), `one of each in turn: ${order.join(', ')}`)
  while (order.length < 34 || ends.length > 0) {
    ends.shift()?.()
    await new Promise(setImmediate)
  }
  await honest
  const refused = (await Promise.all(greedy)).filter(answer => answer === 'API_BUSY')
  t.equal(refused.length, 7, 'six found no place, and one gave its own to the one who asked once')
})

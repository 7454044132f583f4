import t from 'tap'
import { createSendWindow } from './send-window.ts'
import { createSpool, type SpooledMessage } from './spool.ts'

const data = new Uint8Array(100)

t.test('messages of a subject leave in order, and the oldest of a kind is dropped first', async t => {
  const spool = createSpool()
  const a = spool.queueOf('a', 'telemetry')
  const b = spool.queueOf('b', 'telemetry')
  const e = spool.queueOf('e', 'event')
  for (const [queue, id] of [
    [e, 'e1'],
    [a, 'a1'],
    [b, 'b1'],
    [a, 'a2'],
    [b, 'b2']
  ] as const)
    spool.push(queue, data, id)
  t.equal(spool.messages(), 5)
  t.equal(spool.bytes(), 5 * 300)
  t.equal(spool.dropOldest('telemetry')?.id, 'a1')
  t.equal(spool.shift(b)?.id, 'b1')
  t.equal(spool.dropOldest('telemetry')?.id, 'a2')
  t.equal(spool.dropOldest('telemetry')?.id, 'b2')
  t.equal(spool.dropOldest('telemetry'), undefined)
  t.equal(spool.dropOldest('event')?.id, 'e1')
  t.equal(spool.shift(a), undefined)
  t.equal(spool.messages(), 1, 'b1 was taken and not released')
})

t.test('subjects without messages are forgotten when there are many', async t => {
  const spool = createSpool()
  const busy = spool.queueOf('busy', 'event')
  spool.push(busy, data, '1')
  for (let n = 0; n < 10_000; n++) spool.queueOf(`once${n}`, 'event')
  t.equal(spool.find('once1'), undefined)
  t.equal(spool.find('busy'), busy)
})

t.test('a ticket finds its message until it leaves, and never another in the same place', async t => {
  const window = createSendWindow(1)
  const spool = createSpool()
  const queue = spool.queueOf('a', 'telemetry')
  const next = (id: string): SpooledMessage => {
    spool.push(queue, data, id)
    return spool.shift(queue) as SpooledMessage
  }
  const first = next('1')
  window.add(first)
  const { ticket } = first
  t.equal(window.find(ticket), first)
  window.addReady(queue)
  t.equal(window.takeReady(), undefined, 'no room')
  window.remove(first)
  t.equal(window.takeReady(), queue)
  const second = next('2')
  window.add(second)
  t.equal(window.find(ticket), undefined)
  t.equal(window.find(second.ticket), second)
  t.equal(window.find(Number.NaN), undefined)
})

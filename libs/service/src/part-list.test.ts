import t from 'tap'
import { createPartList, partGroup, stopAll } from './part-list.ts'
import { notReady } from './readiness.ts'
import type { ServiceContext, ServicePart } from './service-part.ts'

const context = {} as ServiceContext

function recorder(): { calls: string[]; part: (name: string, own?: Partial<ServicePart>) => ServicePart } {
  const calls: string[] = []
  return {
    calls,
    part: (name, own = {}) => ({
      name,
      start: () => void calls.push(`start ${name}`),
      stop: () => void calls.push(`stop ${name}`),
      ...own
    })
  }
}

t.test('a group starts and stops as one part of its list', async t => {
  const { calls, part } = recorder()
  const list = createPartList(() => [
    part('a'),
    partGroup('b', () => [part('b1'), part('b2')]),
    part('c', { endpoints: () => [{ name: 'c', subject: 'c', queueGroup: '' }] })
  ])
  await list.start(context)
  t.match(list.endpoints(), [{ name: 'c' }])
  const first = list.stop(0)
  t.equal(list.stop(0), first)
  await first
  const order = ['a', 'b1', 'b2', 'c']
  t.same(calls, [...order.map(name => `start ${name}`), ...order.toReversed().map(name => `stop ${name}`)])
})

t.test('what is awaited is what the part says itself, else its name', async t => {
  let state = notReady('waiting for the past of EVT')
  const { part } = recorder()
  let go = (): void => {}
  const slow = part('the streams', {
    start: () => new Promise<void>(resolve => (go = resolve)),
    readiness: () => state
  })
  const nameless = part('the link', { start: () => new Promise<void>(resolve => (go = resolve)) })
  const list = createPartList(() => [slow, nameless])
  t.same(list.readiness(), { ready: true }, 'nothing is awaited of a list that was not started')
  const started = list.start(context)
  t.match(list.readiness(), { why: 'waiting for the past of EVT' })
  state = { ready: true }
  t.match(list.readiness(), { why: 'waiting for the streams' })
  go()
  await Promise.resolve()
  await Promise.resolve()
  t.match(list.readiness(), { why: 'waiting for the link' })
  go()
  await started
  t.same(list.readiness(), { ready: true })
})

t.test('stopped while a part starts, it stops that part and starts none after it', async t => {
  const { calls, part } = recorder()
  let go = (): void => {}
  const list = createPartList(() => [
    part('a'),
    part('b', { start: () => new Promise<void>(resolve => (go = resolve)) }),
    part('c')
  ])
  const started = list.start(context)
  await Promise.resolve()
  await list.stop(0)
  go()
  await started
  t.same(calls, ['start a', 'stop b', 'stop a'])
})

t.test('one that fails to stop holds up no other', async t => {
  const done: string[] = []
  const fail = (what: string) => () => {
    throw new Error(what)
  }
  await t.rejects(stopAll([fail('first'), () => done.push('second')]), { message: 'first' })
  t.same(done, ['second'])
  await t.rejects(stopAll([fail('a'), async () => fail('b')()]), {
    errors: [{ message: 'a' }, { message: 'b' }]
  })
})

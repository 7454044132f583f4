import t from 'tap'
import { createSemaphore } from './semaphore.ts'

t.test('some run, some wait, the rest are refused, and it goes on after a failure', async t => {
  const semaphore = createSemaphore({ atOnce: 2, maxWaiting: 1, refusal: () => new TypeError('busy') })
  const gates: (() => void)[] = []
  const work = () => new Promise<void>(resolve => gates.push(resolve))
  const first = semaphore.run(work)
  const second = semaphore.run(work)
  const third = semaphore.run(async () => Promise.reject(new Error('broken')))
  await t.rejects(semaphore.run(work), { message: 'busy' })
  t.equal(gates.length, 2)
  gates[0]?.()
  await first
  await t.rejects(third, { message: 'broken' })
  gates[1]?.()
  await second
  t.equal(await semaphore.run(async () => 5), 5)
})

t.test('who gives up waiting makes room for others, and its work never runs', async t => {
  const { run } = createSemaphore({ atOnce: 1, maxWaiting: 1, refusal: () => new TypeError('busy') })
  let open = (): void => {}
  const first = run(() => new Promise<void>(resolve => (open = resolve)))
  const gone = new AbortController()
  const left = run(async () => t.fail('its client is gone'), { signal: gone.signal })
  await t.rejects(
    run(async () => 1),
    { message: 'busy' }
  )
  gone.abort(new RangeError('gone'))
  await t.rejects(left, { message: 'gone' })
  await t.rejects(
    run(async () => 2, { signal: gone.signal }),
    { message: 'gone' }
  )
  const next = run(async () => 3, { signal: new AbortController().signal })
  open()
  await first
  t.equal(await next, 3)
})

t.test(
  'who comes between the end of one and the start of the next waits: the bound is never exceeded',
  async t => {
    const { run } = createSemaphore({ atOnce: 1 })
    const order: string[] = []
    let running = 0
    let most = 0
    const work = (name: string) => async () => {
      most = Math.max(most, ++running)
      order.push(name)
      await new Promise(setImmediate)
      running--
    }
    let open = (): void => {}
    const gate = new Promise<void>(resolve => {
      open = resolve
    })
    const first = run(() => gate)
    await Promise.resolve()
    const waiter = run(work('waiter'))
    // Runs after the first work has left and before the waiter has woken.
    const newcomer = gate.then(() => run(work('newcomer')))
    open()
    await Promise.all([first, waiter, newcomer])
    t.equal(most, 1)
    t.same(order, ['waiter', 'newcomer'])
  }
)

t.test('where all places to wait are taken, whoever has most gives one to whoever has less', async t => {
  const { run } = createSemaphore({ atOnce: 1, maxWaiting: 3, refusal: () => new TypeError('busy') })
  let open = (): void => {}
  const first = run(() => new Promise<void>(resolve => (open = resolve)), { asker: ['a', 'x'] })
  const order: string[] = []
  const ask = (asker: readonly [string, string], name: string) =>
    run(async () => void order.push(name), { asker })
  const greedy = [1, 2, 3].map(n => ask(['a', 'x'], `a${n}`))
  const pushedOut = t.rejects(greedy[2] as Promise<unknown>, { message: 'busy' })
  const honest = ask(['b', 'y'], 'b')
  await pushedOut
  await t.rejects(ask(['a', 'x'], 'a4'), { message: 'busy' })
  open()
  await Promise.all([first, honest, greedy[0], greedy[1]])
  t.same(order, ['a1', 'b', 'a2'])
})

t.test(
  'a short work does not wait for long ones that came a little earlier, but for much older ones',
  async t => {
    let nowMs = 0
    const { run } = createSemaphore({ atOnce: 1, nowMs: () => nowMs })
    let open = (): void => {}
    const first = run(() => new Promise<void>(resolve => (open = resolve)))
    const order: string[] = []
    const ask = (name: string, costMs: number) => run(async () => void order.push(name), { costMs })
    const all = [ask('long', 2_000)]
    nowMs = 1_000
    all.push(ask('short', 50))
    nowMs = 3_000
    all.push(ask('late', 50))
    await new Promise(setImmediate)
    open()
    await Promise.all([first, ...all])
    t.same(order, ['short', 'long', 'late'])
  }
)

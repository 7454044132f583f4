import { getEventListeners } from 'node:events'
import { mock } from 'node:test'
import t from 'tap'
import { ApiError } from './api.ts'
import { askUntilAnswered, pauseMsOf } from './ask-until-answered.ts'
import { followByApi } from './command/api-door.ts'

t.test('pauses grow to a bound, so that an api that comes back is found soon', async t => {
  t.same([1, 2, 3, 4, 5, 6, 60].map(pauseMsOf), [1000, 2000, 4000, 8000, 15_000, 15_000, 15_000])
})

t.test('a question is asked until it is answered, and its answer is heard once', async t => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const failures: string[] = []
  const answers: number[] = []
  let asked = 0
  askUntilAnswered({
    ask: async () => {
      asked += 1
      if (asked < 4) throw new Error(`no ${asked}`)
      return asked
    },
    onAnswer: answer => answers.push(answer),
    onFailure: caught => failures.push((caught as Error).message)
  })
  const settle = async () => {
    for (let i = 0; i < 10; i++) await Promise.resolve()
  }
  for (const pauseMs of [0, 1000, 2000, 4000, 60_000]) {
    mock.timers.tick(pauseMs)
    await settle()
  }
  t.same(failures, ['no 1', 'no 2', 'no 3'])
  t.same(answers, [4])
  t.equal(asked, 4)
})

t.test('a question that was given up is neither asked again nor answered', async t => {
  let fail = (_: Error): void => undefined
  let asked = 0
  const signals: AbortSignal[] = []
  const giveUp = askUntilAnswered({
    ask: signal => {
      asked += 1
      signals.push(signal)
      return new Promise<never>((_, reject) => {
        fail = reject
      })
    },
    onAnswer: () => t.fail('nobody waits for it'),
    onFailure: () => t.fail('nobody waits for it')
  })
  giveUp()
  fail(new Error('too late'))
  await new Promise(resolve => setImmediate(resolve))
  t.equal(asked, 1)
  t.ok(signals[0]?.aborted, 'a request on its way is ended')
})

t.test('a command that is followed for long holds one listener, however often the api is asked', async t => {
  const { fetch } = globalThis
  t.teardown(() => Object.assign(globalThis, { fetch }))
  let asked = 0
  const done = new Promise<void>(resolve => {
    globalThis.fetch = async () => {
      if (++asked === 20) resolve()
      return new Response(
        JSON.stringify({ id: 'a', state: asked < 20 ? 'inProgress' : 'complete', stages: [] })
      )
    }
  })
  const { signal } = new AbortController()
  followByApi('a', () => undefined, signal)
  await done
  t.equal(getEventListeners(signal, 'abort').length, 1)
})

t.test('what whoever asks may not have is not asked for again', async t => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const told: string[] = []
  const forbidden = new ApiError({ code: 'AUT_NOT_READABLE', message: 'no', canRetry: false }, 403)
  let asked = 0
  askUntilAnswered({
    ask: async () => {
      asked += 1
      throw forbidden
    },
    onAnswer: () => told.push('answer'),
    onFailure: () => told.push('failure'),
    onForbidden: ({ wire }) => told.push(wire.code)
  })
  for (let n = 0; n < 5; n++) await Promise.resolve()
  mock.timers.tick(60_000)
  t.equal(asked, 1)
  t.same(told, ['AUT_NOT_READABLE'])
})

import { setTimeout } from 'node:timers/promises'
import { AppError } from '@meridian/errors'
import t from 'tap'
import { tryUntilDone } from './try-until-done.ts'

const away = new AppError('SAL_REGISTRY')

t.test('what may pass is tried again until it is done, and each failure is told', async t => {
  const told: string[] = []
  let tries = 0
  const done = await tryUntilDone(async () => (++tries < 2 ? Promise.reject(away) : tries), {
    stopping: new AbortController().signal,
    failed: ({ code }) => told.push(code)
  })
  t.equal(done, 2)
  t.same(told, ['SAL_REGISTRY'])
})

t.test('what trying again cannot help is thrown at once, unless it is said to pass', async t => {
  const failed = t.captureFn(() => {})
  const stopping = new AbortController().signal
  const missing = async () => Promise.reject(new AppError('SAL_NO_SCHEMA'))
  await t.rejects(tryUntilDone(missing, { stopping, failed }), { code: 'SAL_NO_SCHEMA' })
  t.equal(failed.calls.length, 0)
  let tries = 0
  const secondTime = async () => (++tries < 2 ? missing() : 'done')
  t.equal(await tryUntilDone(secondTime, { stopping, failed, mayPass: () => true }), 'done')
})

t.test('a stop ends the wait with the last error', async t => {
  const ending = new AbortController()
  const failed = (): void => ending.abort()
  const tries = tryUntilDone(async () => Promise.reject(away), { stopping: ending.signal, failed })
  await t.rejects(tries, { code: 'SAL_REGISTRY' })
})

t.test('any number may wait for one end, and Node does not take it for a leak', async t => {
  const warnings: string[] = []
  const warn = ({ name }: Error): void => void warnings.push(name)
  process.on('warning', warn)
  t.teardown(() => process.off('warning', warn))
  const ending = new AbortController()
  const all = Array.from({ length: 20 }, () =>
    tryUntilDone(async () => Promise.reject(away), {
      stopping: ending.signal,
      failed: () => undefined
    }).catch(() => undefined)
  )
  await setTimeout(50)
  ending.abort()
  await Promise.all(all)
  t.same(warnings, [])
})

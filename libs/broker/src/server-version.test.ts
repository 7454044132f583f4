import t from 'tap'
import { isServerSince, warnOfOldServer } from './server-version.ts'

const is = (serverVersion: string, since: readonly [number, number, number?]): boolean =>
  isServerSince({ serverVersion }, since)

t.test('a version is compared part by part, as numbers', async t => {
  for (const same of ['2.14.9', '2.14.10', '2.15.0', '2.15.2', '3.0.0', '2.14.9-RC.1'])
    t.equal(is(same, [2, 14, 9]), true, same)
  for (const older of ['2.14.8', '2.9.30', '2.2.100', '1.20.20', 'unknown', ''])
    t.equal(is(older, [2, 14, 9]), false, older)
  t.equal(is('2.14.0', [2, 14]), true)
})

t.test('a server that is older than production needs is warned of', async t => {
  const warned: unknown[] = []
  const log = { warn: (...said: unknown[]) => void warned.push(said) }
  warnOfOldServer({ serverVersion: '2.15.2' }, log)
  t.same(warned, [])
  warnOfOldServer({ serverVersion: '2.12.4' }, log)
  t.match(warned, [[{ server: '2.12.4', oldest: '2.14.9' }, /2\.12\.4 is older than 2\.14\.9/]])
})

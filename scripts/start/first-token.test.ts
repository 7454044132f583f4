import { appendFileSync } from 'node:fs'
import t from 'tap'
import { firstTokenIn } from './first-token.ts'

const offered = (token: string): string =>
  JSON.stringify({ level: 40, token, msg: 'nobody may manage users: make the first administrator' })
const before = JSON.stringify({ level: 40, msg: 'nobody may manage users: the token was logged before' })
const other = JSON.stringify({ level: 30, token: 'of something else', msg: 'sessions watched' })
const ready = JSON.stringify({ level: 30, msg: 'ready' })

t.test('the token is found where the api has logged it, in this run or the one before', async t => {
  const found = (files: Readonly<Record<string, string>>) => firstTokenIn(t.testdir(files), 0)
  t.equal(await found({ 'api.log': `${other}\n${offered('one')}\n${ready}\n` }), 'one')
  t.equal(await found({ 'api.log': before, 'api.log.1': `${offered('two')}\n{"half` }), 'two')
  t.equal(
    await found({ 'api.log': ready, 'api.log.1': offered('old') }),
    undefined,
    'somebody may manage users'
  )
  t.equal(await found({}), undefined)
})

t.test('a log that is written late is waited for', async t => {
  const logs = t.testdir({ 'api.log': `${other}\n` })
  const found = firstTokenIn(logs)
  setTimeout(() => appendFileSync(`${logs}/api.log`, `${offered('late')}\n`), 1_000)
  t.equal(await found, 'late')
})

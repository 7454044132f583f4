import { scryptSync } from 'node:crypto'
import t from 'tap'
import { assertPassword, hashPassword, isPasswordOf } from './password.ts'
import { createPasswordTurns } from './password-turns.ts'
import { parseUserName } from './user-name.ts'

const GOOD = 'correct horse battery'

t.test('a password is known by its hash, which is another each time', async t => {
  const hash = await hashPassword(GOOD)
  t.match(hash, /^scrypt\$32768\$8\$1\$[\w-]{22}\$[\w-]{43}$/)
  t.not(await hashPassword(GOOD), hash)
  t.ok(await isPasswordOf(GOOD, hash))
  t.notOk(await isPasswordOf('correct horse batterY', hash))
  t.notOk(await isPasswordOf('', hash))
})

t.test('a hash says what it cost, so that later ones may cost more', async t => {
  const hash = scryptSync(GOOD, Buffer.alloc(16, 7), 32, { N: 1024, r: 8, p: 1 })
  const cheap = `scrypt$1024$8$1$${Buffer.alloc(16, 7).toString('base64url')}$${hash.toString('base64url')}`
  t.ok(await isPasswordOf(GOOD, cheap))
  t.notOk(await isPasswordOf(GOOD, cheap.replace('1024', '2048')))
})

t.test('the same letters typed in another way are the same password', async t => {
  t.ok(
    await isPasswordOf(
      'caf\u00e9 caf\u00e9 caf\u00e9',
      await hashPassword('cafe\u0301 cafe\u0301 cafe\u0301')
    )
  )
})

t.test('a password that is short, endless or the name is refused, and not repeated', async t => {
  assertPassword('ada', GOOD)
  for (const password of ['', 'short', 'x'.repeat(11), 'x'.repeat(257), 'Administrator'])
    t.throws(() => assertPassword('administrator', password), { code: 'AUT_BAD_PASSWORD' }, password)
  try {
    assertPassword('ada', 'sesame-open')
  } catch (caught) {
    t.notMatch(String(caught), /sesame/)
  }
})

t.test('names are small letters, digits, - and _, after a letter', async t => {
  t.equal(parseUserName('Ada'), 'ada')
  t.equal(parseUserName('night-crew_2'), 'night-crew_2')
  for (const text of [
    '',
    'a',
    '1a',
    '_first',
    'a.b',
    'a b',
    'ä',
    'a'.repeat(33),
    'ada\n',
    '../ada',
    'a*',
    'a>'
  ])
    t.throws(() => parseUserName(text), { code: 'AUT_BAD_NAME' }, JSON.stringify(text))
})

t.test('one too many at once is refused, to whoever asks for most; the others get their answer', async t => {
  const turns = createPasswordTurns()
  let lookedUp = 0
  const find = async () => void lookedUp++
  const from = (address: string, isKnown = false) => turns.isPasswordOf(GOOD, find, { address, isKnown })
  const flood = Array.from({ length: 60 }, () => from('10.0.0.1'))
  const other = from('10.0.0.2')
  const outcomes = await Promise.allSettled(flood)
  const refused = outcomes.flatMap(one => (one.status === 'rejected' ? [one.reason] : []))
  t.equal(refused.length, 60 - 2 - 32 + 1, 'two at a time, 32 wait, one of which is of another address')
  t.match(refused[0], { code: 'AUT_BUSY', facts: { retryAfterSeconds: 2 } })
  t.equal(await other, false)
  t.equal(lookedUp, 61 - refused.length, 'who is refused is not looked up')
  const many = Promise.allSettled(Array.from({ length: 60 }, (_, at) => from(`10.0.1.${at}`)))
  const known = from('10.0.0.3', true)
  await t.rejects(from('10.0.0.3'), { code: 'AUT_BUSY' })
  t.equal(await known, false, 'known at his address: a turn, whoever floods')
  await many
})

import { readFileSync } from 'node:fs'
import t from 'tap'
import { AppError } from './app-error.ts'
import { type Code, codes } from './codes.ts'

const rows = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  .split('\n')
  .map(line => /^\| ([A-Z]{3}_[A-Z_]+) \| (.*?) \| (yes|no) \| (.+) \|$/.exec(line))
  .filter(match => match !== null)

t.test('docs/errors.md lists each code once, with its message and whether a retry helps', async t => {
  const documented = rows.map(([, code, message, retry]) => ({ code, message, canRetry: retry === 'yes' }))
  const table = Object.entries(codes).map(([code, { message, canRetry }]) => ({ code, message, canRetry }))
  const byCode = (a: { code?: string | undefined }, b: { code?: string | undefined }) =>
    String(a.code).localeCompare(String(b.code))
  t.same(documented.sort(byCode), table.sort(byCode))
})

t.test('the message of an error begins with its code, because many tools show nothing else', async t => {
  const error = new AppError('WIR_BAD_SUBJECT', { detail: "'a b'" })
  t.equal(error.message, "WIR_BAD_SUBJECT: subject is malformed: 'a b'")
})

t.test('what crosses the wire has the facts but never the cause or a stack', async t => {
  const error = new AppError('BRK_TIMEOUT', { cause: new Error('secret'), subject: 'cmd.x' })
  t.same(error.toWire(), {
    code: 'BRK_TIMEOUT',
    message: 'BRK_TIMEOUT: broker did not answer in time',
    canRetry: true,
    facts: { subject: 'cmd.x' }
  })
  t.notMatch(JSON.stringify(error.toWire()), 'secret')
})

t.test('an unexpected error tells the other side its code and nothing more', async t => {
  const wire = AppError.from(new TypeError('x is undefined in /srv/app.js')).toWire()
  t.same(wire, { code: 'GEN_INTERNAL', message: 'unexpected error', canRetry: false })
})

t.test('from() keeps an error that has a code already', async t => {
  const error = new AppError('BRK_TIMEOUT')
  t.equal(AppError.from(error), error)
  t.equal(AppError.from('text', 'CFG_INVALID' satisfies Code).code, 'CFG_INVALID')
})

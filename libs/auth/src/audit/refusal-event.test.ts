import { AppError } from '@meridian/errors'
import t from 'tap'
import { refusalEventOf } from './refusal-event.ts'

t.test('refusals of rights and of tokens are told, and nothing else that goes wrong', async t => {
  const ada = { name: 'ada', address: '10.0.0.1' }
  t.strictSame(refusalEventOf(new AppError('AUT_NOT_READABLE', { pattern: 'evt.summit.>' }), ada), {
    ...{ what: 'read-refused', ...ada, about: ['evt.summit.>'], code: 'AUT_NOT_READABLE' }
  })
  const command = { ...ada, door: 'gateway', about: 'MTMount.0.stop' }
  t.match(refusalEventOf(new AppError('CMD_NOT_ALLOWED'), command), {
    ...{ what: 'command-refused', door: 'gateway', about: ['MTMount.0.stop'] }
  })
  for (const code of ['AUT_BAD_TOKEN', 'AUT_EXPIRED', 'AUT_REVOKED'] as const)
    t.strictSame(refusalEventOf(new AppError(code), { address: '10.0.0.1' }), {
      ...{ what: 'token-refused', address: '10.0.0.1', code }
    })
  for (const code of ['AUT_NO_TOKEN', 'AUT_UNAVAILABLE', 'CMD_OFFLINE', 'GEN_INTERNAL'] as const)
    t.equal(refusalEventOf(new AppError(code), ada), undefined, code)
})

t.test('what was asked for is cut: anybody may ask for anything', async t => {
  const event = refusalEventOf(new AppError('AUT_NOT_READABLE', { pattern: 'x'.repeat(9_000) }), {})
  t.equal(event?.about?.[0]?.length, 120)
})

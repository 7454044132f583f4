import t from 'tap'
import { askCommander } from './ask-commander.ts'
import { COMMAND_LIMITS } from './limits.ts'
import { parseCommandPayload } from './request.ts'

const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
const id = '01jd3v8c6qz5n7k2m4x9w0r1ty'
const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) })

t.test(
  'an empty payload asks without parameters, for ten seconds, through no door in particular',
  async t => {
    t.same(parseCommandPayload(new Uint8Array(0)), {
      id: undefined,
      params: {},
      principal: undefined,
      door: 'nats',
      notAfterSeconds: 10
    })
  }
)

t.test('an id is taken in either case and kept in lower case', async t => {
  t.equal(parseCommandPayload(bytes({ id })).id, id)
  t.equal(parseCommandPayload(bytes({ id: id.toUpperCase() })).id, id)
  for (const wrong of [
    '',
    'x',
    `${id}0`,
    '8zzzzzzzzzzzzzzzzzzzzzzzzz',
    'ilouilouilouilouilouilouil',
    5,
    null
  ])
    t.throws(() => parseCommandPayload(bytes({ id: wrong })), { code: 'CMD_BAD_ID' }, String(wrong))
})

t.test('a principal is a name, or a name with roles', async t => {
  t.same(parseCommandPayload(bytes({ principal: 'ada' })).principal, { name: 'ada', roles: [] })
  t.same(parseCommandPayload(bytes({ principal: { name: 'ada', roles: ['operator'] } })).principal, {
    name: 'ada',
    roles: ['operator']
  })
  for (const principal of ['', 5, [], { name: 3 }, { name: 'a', roles: 'x' }, { name: 'a', roles: [1] }])
    t.throws(() => parseCommandPayload(bytes({ principal })), { code: 'CMD_BAD_REQUEST' })
})

t.test('what is no JSON object of the known properties is refused with the property', async t => {
  const wrong: [string | object, RegExp][] = [
    ['{', /not JSON/],
    ['null', /not a JSON object/],
    ['5', /not a JSON object/],
    ['[]', /not a JSON object/],
    [{ azimuth: 3 }, /'azimuth' is not one of id, params/],
    [{ params: 'x' }, /'params' is not a JSON object/],
    [{ notAfterSeconds: 0 }, /'notAfterSeconds' is not a number above 0, at most 3600/],
    [{ notAfterSeconds: 1e9 }, /'notAfterSeconds'/],
    [{ door: '' }, /'door' is not text/],
    [{ params: nested(31) }, /'params' is nested too deeply/],
    ['{"params":{"__proto__":1}}', /'params' is not allowed to hold '__proto__'/]
  ]
  for (const [payload, message] of wrong)
    t.throws(() => parseCommandPayload(bytes(payload)), { code: 'CMD_BAD_REQUEST', message })
  t.ok(parseCommandPayload(bytes({ params: nested(30) })))
  t.throws(() => parseCommandPayload(Uint8Array.of(0x7b, 0xff, 0xfe)), { code: 'CMD_BAD_REQUEST' })
  t.throws(() => parseCommandPayload(new Uint8Array(COMMAND_LIMITS.payloadBytes + 1)), {
    code: 'CMD_BAD_REQUEST',
    facts: { limitBytes: COMMAND_LIMITS.payloadBytes }
  })
})

t.test('a door hears the acceptance or the refusal, and anything else is an error with a code', async t => {
  const accepted = {
    id,
    state: 'accepted',
    acceptedAt: 1,
    notAfter: 11,
    ackSubject: 'ack.s',
    duplicate: false
  }
  const refusal = { error: { code: 'CMD_OFFLINE', message: 'is away', canRetry: true } }
  const asked: unknown[] = []
  const ask = (answer: unknown, params: object = {}) =>
    askCommander(
      {
        request: async (subject, data) => {
          asked.push(subject, JSON.parse(data))
          return { data: bytes(answer) }
        }
      },
      { site: 's', csc: 'MTMount', index: 0, command: 'stop', id, params: params as never, timeoutMs: 1 }
    )
  t.same(await ask(accepted), accepted)
  t.same(await ask(refusal), refusal)
  t.same(asked.slice(0, 2), ['cmd.s.MTMount.0.stop', { id, params: {} }])
  for (const junk of [
    '{',
    [],
    {},
    { ...accepted, state: 'complete' },
    { error: 'no' },
    { ...accepted, id: 'x' }
  ])
    await t.rejects(ask(junk), { code: 'CMD_BAD_ANSWER' }, JSON.stringify(junk))
  await t.rejects(ask(accepted, { x: nested(40) }), { code: 'CMD_BAD_REQUEST' })
})

import { AppError } from '@meridian/errors'
import t from 'tap'
import { askCommander } from './ask-commander.ts'
import { COMMAND_SIZES } from './limits.ts'
import { encodeCommandPayload, parseCommandBody, parseCommandPayload, parseCommandTarget } from './request.ts'

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
      notAfterSeconds: 10,
      acceptBy: undefined,
      stages: true
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
  t.throws(() => parseCommandPayload(new Uint8Array(COMMAND_SIZES.payloadBytes + 1)), {
    code: 'CMD_TOO_LARGE',
    facts: { limitBytes: COMMAND_SIZES.payloadBytes }
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
          asked.push(subject, data)
          return { data: bytes(answer) }
        }
      },
      { site: 's', csc: 'MTMount', index: 0, command: 'stop', id, params: params as never, timeoutMs: 1 }
    )
  t.same(await ask(accepted), accepted)
  t.same(await ask(refusal), refusal)
  t.same(asked.slice(0, 2), ['cmd.s.MTMount.0.stop', JSON.stringify({ id, params: {}, stages: false })])
  for (const junk of [
    '{',
    [],
    {},
    { ...accepted, state: 'complete' },
    { error: 'no' },
    { ...accepted, id: 'x' }
  ])
    await t.rejects(ask(junk), { code: 'CMD_BAD_ANSWER' }, JSON.stringify(junk))
  await t.rejects(ask(accepted, { x: nested(40) }), { code: 'CMD_BAD_REQUEST', facts: { id } })
  await t.rejects(ask(accepted, { x: 'é'.repeat(40_000) }), { code: 'CMD_TOO_LARGE', facts: { id } })
  await t.rejects(ask(accepted, { x: Number.NaN }), { code: 'CMD_BAD_PARAMETER' })
  await ask(accepted, { x: 2n ** 60n, y: [2 ** 53 - 1, undefined] as never }).catch(() => undefined)
  await ask(accepted, { x: [2n ** 60n], y: undefined })
  t.equal(
    asked.at(-1),
    `{"id":"${id}","params":{"x":[1152921504606846976]},"stages":false}`,
    'with all its digits'
  )
  const timeout = new AppError('BRK_TIMEOUT', { subject: 'cmd.s' })
  const lost = { request: () => Promise.reject(timeout) }
  await t.rejects(
    askCommander(lost, { site: 's', csc: 'A', index: 0, command: 'b', id, timeoutMs: 1 }),
    { code: 'BRK_TIMEOUT', facts: { id, subject: 'cmd.s' } },
    'a command of unknown fate can be looked up'
  )
})

t.test('what one door refuses, every door refuses with the same code', async t => {
  const target = { csc: 'MTMount', index: 0, command: 'stop' }
  const codeOf = (parse: () => unknown): string => {
    try {
      parse()
      return 'taken'
    } catch (err) {
      return (err as AppError).code
    }
  }
  const wrong: [object, string][] = [
    [{ id: 'x' }, 'CMD_BAD_ID'],
    [{ id: 5 }, 'CMD_BAD_ID'],
    [{ id: 'x', params: [] }, 'CMD_BAD_ID'],
    [{ params: [] }, 'CMD_BAD_REQUEST'],
    [{ params: { a: nested(30) } }, 'CMD_BAD_REQUEST'],
    [{ notAfterSeconds: 0 }, 'CMD_BAD_REQUEST'],
    [{ azimuth: 1 }, 'CMD_BAD_REQUEST'],
    [{ id: id.toUpperCase(), params: { a: nested(29) } }, 'taken']
  ]
  for (const [part, code] of wrong) {
    t.equal(
      codeOf(() => parseCommandBody({ ...target, ...part })),
      code,
      JSON.stringify(part)
    )
    t.equal(
      codeOf(() => parseCommandPayload(bytes(part))),
      code,
      JSON.stringify(part)
    )
  }
  t.same(parseCommandTarget('cmd.s.MTMount.0.stop'), { site: 's', ...target })
  for (const subject of [
    'cmd.s.MTMount.zero.stop',
    'cmd.s.MTMount.0',
    'cmd.s.M/T.0.stop',
    'evt.s.A.0.b',
    'a b'
  ])
    t.equal(
      codeOf(() => parseCommandTarget(subject)),
      'CMD_BAD_REQUEST',
      subject
    )
})

t.test('numbers that would arrive as others are refused where they are read', async t => {
  const params = (text: string): unknown => parseCommandPayload(bytes(`{"params":{"x":${text}}}`)).params['x']
  t.equal(params('9007199254740993'), 9007199254740993n)
  t.equal(params('-9223372036854775808'), -(2n ** 63n))
  t.equal(params('18446744073709551615'), 2n ** 64n - 1n)
  t.same(params('["#9007199254740993","\\u0023#1",9007199254740993]'), [
    '#9007199254740993',
    '##1',
    9007199254740993n
  ])
  t.equal(params('1e2'), 100)
  t.equal(params('0e-999'), 0)
  t.ok(Object.is(params('-0'), -0))
  for (const text of ['1e400', '-1e999', '1e-400', `0.${'0'.repeat(400)}1`, '[{"y":1e400}]', '1'.repeat(40)])
    t.throws(() => params(text), { code: 'CMD_BAD_PARAMETER' }, text)
})

t.test('a number that a door sends is read again as what it is', async t => {
  for (const x of [
    -0,
    0,
    1e17,
    -1e20,
    1.2345678901234568e20,
    Number.MAX_VALUE,
    2 ** 53,
    2n ** 60n,
    -(2n ** 63n)
  ]) {
    const sent = encodeCommandPayload({ params: { x: [x] } })
    const [read] = parseCommandPayload(bytes(sent)).params['x'] as unknown[]
    t.ok(Object.is(read, x), sent)
  }
})

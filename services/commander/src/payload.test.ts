import { partitionOf } from '@meridian/subjects'
import t from 'tap'
import { MAX_PAYLOAD_BYTES, parsePayload } from './payload.ts'
import { ackOf, canonical, intakeOf, stageOf } from './records.ts'

const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))

t.test(
  'an empty payload asks without parameters, for ten seconds, through no door in particular',
  async t => {
    t.match(parsePayload(new Uint8Array(0)), {
      id: undefined,
      params: {},
      principal: { name: 'operator' },
      door: 'nats',
      notAfterSeconds: 10
    })
  }
)

t.test('an id is taken in either case and kept in lower case', async t => {
  const id = '01jd3v8c6qz5n7k2m4x9w0r1ty'
  t.equal(parsePayload(bytes({ id })).id, id)
  t.equal(parsePayload(bytes({ id: id.toUpperCase() })).id, id)
  for (const wrong of [
    '',
    'x',
    `${id}0`,
    '8zzzzzzzzzzzzzzzzzzzzzzzzz',
    'ilouilouilouilouilouilouil',
    5,
    null
  ])
    t.throws(() => parsePayload(bytes({ id: wrong })), { code: 'CMD_BAD_ID' }, String(wrong))
})

t.test('a principal is a name, or a name with roles', async t => {
  t.same(parsePayload(bytes({ principal: 'ada' })).principal, { name: 'ada', roles: [] })
  t.same(parsePayload(bytes({ principal: { name: 'ada', roles: ['operator'] } })).principal, {
    name: 'ada',
    roles: ['operator']
  })
  for (const principal of ['', 5, [], { name: 3 }, { name: 'a', roles: 'x' }, { name: 'a', roles: [1] }])
    t.throws(() => parsePayload(bytes({ principal })), { code: 'CMD_BAD_REQUEST' })
})

t.test('what is no JSON object of the known properties is refused', async t => {
  const wrong = [
    '{',
    'null',
    '5',
    '"text"',
    '[]',
    { azimuth: 3 },
    { params: 'x' },
    { notAfterSeconds: 0 },
    { notAfterSeconds: 1e9 },
    { door: '' }
  ]
  for (const payload of wrong)
    t.throws(() => parsePayload(bytes(payload)), { code: 'CMD_BAD_REQUEST' }, JSON.stringify(payload))
  t.throws(() => parsePayload(Uint8Array.of(0x7b, 0xff, 0xfe)), { code: 'CMD_BAD_REQUEST' })
  t.throws(() => parsePayload(new Uint8Array(MAX_PAYLOAD_BYTES + 1)), {
    code: 'CMD_BAD_REQUEST',
    facts: { limitBytes: MAX_PAYLOAD_BYTES }
  })
})

t.test('each code of SAL becomes its stage, and anything else none', async t => {
  const stages = {
    300: 'inProgress',
    301: 'inProgress',
    302: 'inProgress',
    303: 'complete',
    [-300]: 'refused',
    [-301]: 'noack',
    [-302]: 'failed',
    [-303]: 'aborted',
    [-304]: 'timeout'
  }
  for (const [ack, state] of Object.entries(stages))
    t.equal(stageOf(bytes({ ack: Number(ack) }))?.state, state)
  for (const reply of [{}, { ack: '303' }, { ack: 7 }, [], 'x', '']) t.equal(stageOf(bytes(reply)), undefined)
  t.same(stageOf(bytes({ ack: 301, timeout: 1e12, result: 'r'.repeat(5_000), error: 'no' })), {
    state: 'inProgress',
    ack: 301,
    result: 'r'.repeat(2_000),
    timeoutSeconds: 86_400
  })
})

t.test(
  'a record counts only on the subject of its own command, with all that is needed to go on',
  async t => {
    const target = { csc: 'MTMount', index: 0 }
    const named = { id: '01m80fr3a7f1yzzg6tds0bmepp', ...target, command: 'stop' }
    const ack = { ...named, state: 'inProgress', time: 1, commander: 'c', boot: 'b' }
    const ackSubject = `ack.summit.MTMount.0.${named.id}`
    t.same(ackOf({ subject: ackSubject, data: bytes(ack) }), ack)
    const badAcks = [
      { csc: 'a b' },
      { csc: 'MTDome' },
      { id: 'a b' },
      { index: -1.5 },
      { command: 'a.b' },
      { state: 'constructor' },
      { state: 'accepted' },
      { timeoutSeconds: 'x' }
    ]
    for (const wrong of badAcks)
      t.equal(
        ackOf({ subject: ackSubject, data: bytes({ ...ack, ...wrong }) }),
        undefined,
        JSON.stringify(wrong)
      )
    const endless = JSON.stringify(ack).replace('"time":1', '"time":1e999')
    t.equal(ackOf({ subject: ackSubject, data: bytes(endless) }), undefined)
    t.equal(ackOf({ subject: 'ack.summit.MTMount.x', data: bytes(ack) }), undefined)

    const who = { principal: 'p', door: 'd', acceptedBy: 'c' }
    const intake = { ...named, ...who, site: 'summit', params: {}, acceptedAt: 1, notAfter: 2 }
    const partition = partitionOf(target)
    const intakeSubject = `intake.summit.${partition}.MTMount.0.${named.id}`
    t.same(intakeOf({ subject: intakeSubject, data: bytes(intake) }), intake)
    for (const wrong of [
      { csc: 'a b' },
      { command: 'a b' },
      { site: 'base' },
      { params: [] },
      { notAfter: 'x' }
    ])
      t.equal(intakeOf({ subject: intakeSubject, data: bytes({ ...intake, ...wrong }) }), undefined)
    const otherPartition = intakeSubject.replace(`.${partition}.`, `.${(partition + 1) % 8}.`)
    t.equal(intakeOf({ subject: otherPartition, data: bytes(intake) }), undefined)
  }
)

t.test('equal contents are equal texts, whatever the order of their keys', async t => {
  t.equal(canonical({ b: [{ d: 1, c: 2 }], a: 'x' }), canonical({ a: 'x', b: [{ c: 2, d: 1 }] }))
  t.not(canonical({ a: [1, 2] }), canonical({ a: [2, 1] }))
})

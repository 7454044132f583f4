import { partitionOf } from '@meridian/subjects'
import t from 'tap'
import { parseExecReply, parseExecRequest } from './exec.ts'
import { isAckRecord, parseAckRecord, parseIntakeRecord, readRecord } from './records.ts'

const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
const target = { csc: 'MTMount', index: 0 }
const named = { id: '01m80fr3a7f1yzzg6tds0bmepp', ...target, command: 'stop' }
const ack = { ...named, state: 'inProgress', time: 1, commander: 'c', boot: 'b' }
const ackSubject = `ack.summit.MTMount.0.${named.id}`

t.test('a stage counts only on the subject of its own command, with all that is needed to go on', async t => {
  t.same(parseAckRecord({ subject: ackSubject, data: bytes(ack) }), ack)
  const wrong = [
    { csc: 'a b' },
    { csc: 'MTDome' },
    { id: 'a b' },
    { id: '81m80fr3a7f1yzzg6tds0bmepp' },
    { index: -1.5 },
    { command: 'a.b' },
    { state: 'constructor' },
    { state: 'accepted' },
    { timeoutSeconds: 'x' },
    { timeoutSeconds: -1 },
    { commander: undefined },
    { ack: '303' }
  ]
  for (const one of wrong)
    t.throws(
      () => parseAckRecord({ subject: ackSubject, data: bytes({ ...ack, ...one }) }),
      { code: 'CMD_BAD_RECORD' },
      JSON.stringify(one)
    )
  const endless = JSON.stringify(ack).replace('"time":1', '"time":1e999')
  for (const text of [endless, '', '{', '[]', 'null'])
    t.throws(() => parseAckRecord({ subject: ackSubject, data: bytes(text) }), { code: 'CMD_BAD_RECORD' })
  for (const subject of ['ack.summit.MTMount.x', `cmd.summit.MTMount.0.${named.id}`, 'a b'])
    t.throws(() => parseAckRecord({ subject, data: bytes(ack) }), { code: 'CMD_BAD_RECORD' })
})

t.test('an accepted command counts only in the partition of its own component', async t => {
  const who = { principal: 'p', door: 'd', acceptedBy: 'c' }
  const intake = { ...named, ...who, site: 'summit', params: {}, acceptedAt: 1, notAfter: 2 }
  const partition = partitionOf(target)
  const subject = `intake.summit.${partition}.MTMount.0.${named.id}`
  t.same(parseIntakeRecord({ subject, data: bytes(intake) }), intake)
  for (const wrong of [
    { csc: 'a b' },
    { command: 'a b' },
    { site: 'base' },
    { params: [] },
    { notAfter: 'x' }
  ])
    t.throws(() => parseIntakeRecord({ subject, data: bytes({ ...intake, ...wrong }) }), {
      code: 'CMD_BAD_RECORD'
    })
  const elsewhere = subject.replace(`.${partition}.`, `.${(partition + 1) % 8}.`)
  t.throws(() => parseIntakeRecord({ subject: elsewhere, data: bytes(intake) }), { code: 'CMD_BAD_RECORD' })
})

t.test('junk is skipped and told with its code; a reader without subjects has the same check', async t => {
  const told: string[] = []
  const read = (data: Uint8Array) =>
    readRecord(parseAckRecord, { subject: ackSubject, data }, err => told.push(err.code))
  t.equal(read(bytes('junk')), undefined)
  t.same(read(bytes(ack)), ack)
  t.same(told, ['CMD_BAD_RECORD'])
  t.ok(isAckRecord(ack))
  for (const junk of [undefined, null, 7, [], {}, { ...ack, state: 'done' }]) t.notOk(isAckRecord(junk))
})

t.test('a component is told by id alone; what is no request is refused with the reason', async t => {
  const parse = (data: string | Uint8Array) => () =>
    parseExecRequest(
      {
        ...{ subject: 'exec.summit.MTMount.0.stop', reply: '_INBOX_cmdr.exec.summit.01h' },
        ...{ data: typeof data === 'string' ? bytes(data) : data }
      },
      'SIM_BAD_REQUEST'
    )
  const whom = { csc: 'MTMount', index: 0, command: 'stop' }
  t.same(parse('{"id":"01h","params":{"a":1},"csc":"MTDome"}')(), { id: '01h', params: { a: 1 }, ...whom })
  t.same(parse('{"id":"01h"}')(), { id: '01h', params: {}, ...whom })
  for (const [bad, why] of [
    ['', "'id'"],
    ['no', 'not JSON'],
    ['[]', 'not a JSON object'],
    ['{"id":7}', "'id'"],
    ['{"id":"a b"}', "'id'"],
    ['{"id":"a","params":[1]}', "'params'"],
    ['{"id":"a","index":"0"}', "'index'"],
    // What a service answers to `$SRV.PING`, were the reply subject one of `exec.`.
    ['{"type":"io.nats.micro.v1.ping_response","name":"commander","id":"01h","version":"1.0.0"}', "'type'"]
  ] as const)
    t.throws(parse(bad), { code: 'SIM_BAD_REQUEST', message: new RegExp(why) }, bad)
  for (const reply of [undefined, '$JS.ACK.EVT.c.1.1.1.1.0', 'evt.summit.A.0.b'])
    t.throws(
      () => parseExecRequest({ subject: 'exec.summit.MTMount.0.stop', reply, data: bytes('{"id":"a"}') }),
      {
        message: /asks for no answer/
      }
    )
  t.throws(parse(Uint8Array.of(0xff, 0xfe)), { code: 'SIM_BAD_REQUEST' })
  t.throws(parse(new Uint8Array(300_000)), { code: 'SIM_BAD_REQUEST', message: /at most 262144/ })
})

t.test('an answer of a component needs a code of SAL; careless details are put right', async t => {
  for (const reply of [{}, { ack: '303' }, { ack: 7 }, [], 'x', ''])
    t.throws(() => parseExecReply(bytes(reply)), { code: 'CMD_BAD_REPLY' }, JSON.stringify(reply))
  t.same(parseExecReply(bytes({ ack: 301, timeout: 1e12, result: 'r'.repeat(5_000), error: 'no' })), {
    ack: 301,
    result: 'r'.repeat(2_000),
    timeout: 86_400
  })
  t.same(parseExecReply(bytes({ ack: 303, timeout: -1, result: 5 })), { ack: 303 })
})

import { append, streamState } from '@meridian/broker'
import type { AckRecord, CommandHistory, IntakeRecord } from '@meridian/protocol/commands'
import {
  type CommandListAnswer,
  commandListSchema,
  type EventsAnswer,
  eventsSchema
} from '@meridian/protocol/http'
import { ackOf, eventOf, intakeOf, scriptOf, subjectTable } from '@meridian/subjects'
import { startSiteService, waitFor } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import t, { type Test } from 'tap'
import { Errors } from 'typebox/schema'
import { ulid } from 'ulid'
import { get, openSite, SITE, sampleOf, store } from './harness.ts'

const { broker, nats } = await openSite(t)
const { address, stop } = await startSiteService('api', nats)
t.teardown(() => stop())

const now = taiSecondsOf(Date.now())
const mount = { site: SITE, csc: 'MTMount', index: 0 }
const events = (query: string) => get<EventsAnswer>(address, `/api/events?${query}`)
const commands = (query = '') => get<CommandListAnswer>(address, `/api/commands?${query}`)
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

/** Stores events in passing, many at a time; resolves when all are stored. */
async function storeMany(
  count: number,
  event: (n: number) => { subject: string; fields: object }
): Promise<void> {
  const before = (await streamState(broker, 'EVT')).lastSeq
  for (let n = 0; n < count; n++) {
    const { subject, fields } = event(n)
    broker.publish(subject, sampleOf(fields, now + n / 1000))
    if (n % 1_000 === 999)
      await waitFor(async () => (await streamState(broker, 'EVT')).lastSeq > before + n, {
        what: 'events are stored',
        everyMs: 5
      })
  }
  await waitFor(async () => (await streamState(broker, 'EVT')).lastSeq >= before + count, {
    what: 'all events are stored'
  })
}

t.test('events are listed newest first, with their stamps and their fields as JSON', async t => {
  const subject = eventOf({ ...mount, topic: 'summaryState' })
  await store(broker, subject, [
    { time: now - 3, fields: { summaryState: 5 } },
    { time: now - 2, fields: { summaryState: 1, big: 2n ** 60n, odd: Number.NaN, far: -Infinity } }
  ])
  await append(broker, { subject, data: 'junk' })
  const { status, headers, body } = await events(`pattern=evt.${SITE}.MTMount.0.>`)
  t.equal(status, 200)
  t.equal(headers.get('cache-control'), 'no-store')
  t.same(Errors(eventsSchema, body)[1], [])
  t.same(body, {
    events: [
      {
        subject,
        time: now - 2,
        received: now - 2,
        fields: { summaryState: 1, big: '1152921504606846976', odd: 'NaN', far: '-Infinity' }
      },
      { subject, time: now - 3, received: now - 3, fields: { summaryState: 5 } }
    ],
    heldFrom: now - 3,
    complete: true
  })
})

t.test('a limit leaves out the oldest, and the answer says so', async t => {
  const limited = (await events(`pattern=evt.${SITE}.MTMount.0.>&limit=1`)).body
  t.equal(limited.events.length, 1)
  t.match(limited, { events: [{ fields: { summaryState: 1 } }], complete: false, heldFrom: now - 3 })
  t.equal((await events(`pattern=evt.${SITE}.MTMount.0.>&limit=2`)).body.complete, true)
})

t.test(
  'several patterns are one list, by the order of the stream; a topic stands for its keyed ones',
  async t => {
    const alarm = eventOf({ site: SITE, csc: 'Watcher', index: 0, topic: 'alarm', key: 'Hardware=2Emount' })
    await store(broker, alarm, [{ time: now, fields: { severity: 2 } }])
    const { body } = await events(
      `pattern=evt.${SITE}.Watcher.0.alarm&pattern=evt.${SITE}.MTMount.*.summaryState`
    )
    t.same(
      body.events.map(({ subject }) => subject.split('.')[2]),
      ['Watcher', 'MTMount', 'MTMount']
    )
    t.same((await events(`pattern=evt.${SITE}.Nobody.>`)).body, {
      events: [],
      heldFrom: null,
      complete: true
    })
  }
)

t.test('events of scripts are listed too, but not together with those of components', async t => {
  const subject = scriptOf({ site: SITE, queue: 1, scriptIndex: 100_001, topic: 'state' })
  await store(broker, subject, [{ time: now, fields: { state: 3 } }])
  t.match((await events(`pattern=script.${SITE}.1.>`)).body, { events: [{ subject, fields: { state: 3 } }] })
  const mixed = await events(`pattern=script.${SITE}.1.>&pattern=evt.${SITE}.>`)
  t.match(mixed, { status: 400, body: { error: { code: 'API_BAD_TOPIC' } } })
})

t.test('few events of one component are found behind many of others', async t => {
  await storeMany(5_000, n => ({
    subject: eventOf({ site: SITE, csc: 'Noise', index: n % 50, topic: `t${n % 7}` }),
    fields: { n }
  }))
  const { body } = await events(`pattern=evt.${SITE}.MTMount.0.>`)
  t.equal(body.events.length, 2)
  t.equal(body.complete, true)
  const noise = (await events(`pattern=evt.${SITE}.Noise.>&limit=1000`)).body
  t.same(
    noise.events.map(({ fields }) => fields['n']),
    Array.from({ length: 1_000 }, (_, i) => 4_999 - i)
  )
  t.equal(noise.complete, false)
})

t.test('a list of events that cannot be is refused with a code', async t => {
  for (const [query, code] of [
    ['', 'NET_BAD_REQUEST'],
    ['pattern=evt.>.x', 'WIR_BAD_PATTERN'],
    ['pattern=tel.summit.>', 'API_BAD_TOPIC'],
    ['pattern=>', 'API_BAD_TOPIC'],
    ['pattern=evt.base.MTMount.0.>', 'API_BAD_TOPIC'],
    [`pattern=evt.${SITE}.>&limit=0`, 'NET_BAD_REQUEST'],
    [`pattern=evt.${SITE}.>&limit=1001`, 'NET_BAD_REQUEST'],
    [`pattern=evt.${SITE}.>&since=1`, 'NET_BAD_REQUEST'],
    [new Array(33).fill('pattern=evt.>').join('&'), 'NET_BAD_REQUEST']
  ] as const)
    t.match(await events(query), { status: 400, body: { error: { code } } }, query.slice(0, 60))
})

/** The record of an accepted command, with a number of its own. */
const intakeRecord = (target: typeof mount, n: number): IntakeRecord => ({
  ...{ ...target, id: ulid(Date.now() + n).toLowerCase(), command: 'moveToTarget', params: { n } },
  ...{ principal: 'somebody', door: 'api', acceptedBy: 'test', acceptedAt: now + n, notAfter: now + n + 10 }
})

let accepted = 0
/** Puts a command on the record, and returns what its stages are written with. */
async function accept(csc = 'MTMount', index = 0): Promise<(state: AckRecord['state']) => Promise<void>> {
  const target = { site: SITE, csc, index }
  const record = intakeRecord(target, ++accepted)
  const { id, command } = record
  await append(broker, { subject: intakeOf(target, id), data: json(record) })
  return async state => {
    const stage: AckRecord = {
      ...{ id, csc, index, command, state, time: now + accepted },
      ...{ commander: 'test', boot: '1' }
    }
    await append(broker, { subject: ackOf(target, id), data: json(stage) })
  }
}

t.test('commands are listed newest first, each as its own record is read', async t => {
  t.same((await commands()).body, { commands: [], complete: true })
  const first = await accept()
  const second = await accept()
  await second('dispatching')
  await first('dispatching')
  await first('complete')
  const other = await accept('MTDome')
  await other('failed')
  const hexapod = await accept('MTHexapod', 2)
  await hexapod('dispatching')

  const { status, headers, body } = await commands('component=MTMount&index=0')
  t.equal(status, 200)
  t.equal(headers.get('cache-control'), 'no-store')
  t.same(Errors(commandListSchema, body)[1], [])
  t.same(
    body.commands.map(({ state, intake, stages }) => [
      intake.params['n'],
      state,
      stages.map(one => one.state)
    ]),
    [
      [2, 'dispatching', ['dispatching']],
      [1, 'complete', ['dispatching', 'complete']]
    ]
  )
  t.equal(body.complete, true)
  for (const command of body.commands)
    t.same((await get(address, `/api/commands/${command.id}`)).body, command, 'the same by its id')

  const numbersOf = (answer: { body: CommandListAnswer }) =>
    answer.body.commands.map(c => c.intake.params['n'])
  t.same(numbersOf(await commands()), [4, 3, 2, 1])
  t.same(numbersOf(await commands('component=MTHexapod')), [4])
  t.same(numbersOf(await commands('component=MTHexapod&index=1')), [])
  const limited = await commands('limit=2')
  t.same(numbersOf(limited), [4, 3])
  t.equal(limited.body.complete, false)
})

t.test('junk on the record of commands is left out of the list', async t => {
  await append(broker, { subject: ackOf(mount, ulid().toLowerCase()), data: json({}) })
  await append(broker, { subject: intakeOf(mount, ulid().toLowerCase()), data: json({ id: 'x' }) })
  t.equal((await commands('component=MTMount')).body.commands.length, 2)
})

t.test(
  'a command with thousands of stages, and many commands behind it, keep the list within its bounds',
  async t => {
    const talkative = await accept()
    for (let i = 0; i < 60; i++) await Promise.all(Array.from({ length: 50 }, () => talkative('inProgress')))
    for (let n = 0; n < 40; n++) await (await accept('MTDome'))('dispatching')
    const { body } = await commands('component=MTMount&limit=1')
    t.equal(body.commands[0]?.stages.length, 3_000)
    await talkative('complete')
    const { body: record } = await get<CommandHistory>(address, `/api/commands/${body.commands[0]?.id}`)
    t.match(record, { state: 'complete' }, 'the last stage is the state, however many there are')
    t.ok(record.stages.length < 3_000)
    t.equal((await commands('component=MTDome&limit=41')).body.commands.length, 41)
  }
)

t.test('a list of commands that cannot be is refused with a code', async t => {
  for (const query of [
    'index=0',
    'component=a.b',
    'component=MTMount&index=x',
    'limit=501',
    'limit=',
    'csc=MTMount'
  ])
    t.match(await commands(query), { status: 400, body: { error: { code: 'NET_BAD_REQUEST' } } }, query)
})

/** Publishes `perMs` messages again and again, numbered from 0, until the test ends. */
function keepPublishing(t: Test, perMs: number, publish: (n: number) => void): void {
  let n = 0
  const timer = setInterval(() => {
    for (let i = 0; i < perMs; i++) publish(n++)
  }, 1)
  t.teardown(() => clearInterval(timer))
}

/**
 * Asks with small limits again and again while messages are stored: an answer must have as many numbers as asked
 * for, without a hole, and begin with the newest that was stored before it was asked, or with a newer one.
 */
async function askSmall(
  t: Test,
  stored: () => Promise<number>,
  ask: (limit: number) => Promise<readonly number[]>
): Promise<void> {
  await waitFor(async () => (await stored()) > 10, { what: 'enough is stored' })
  for (const limit of [1, 2, 10])
    for (let tries = 0; tries < 40; tries++) {
      const newest = await stored()
      const [first = -1, ...others] = await ask(limit)
      t.ok(first >= newest, `${first} with limit ${limit}; ${newest} was stored`)
      t.same(
        others,
        Array.from({ length: limit - 1 }, (_, i) => first - 1 - i)
      )
    }
}

/** The number of the message stored last, of those that are stored from now on. */
async function countStored(stream: string): Promise<() => Promise<number>> {
  const { lastSeq: before } = await streamState(broker, stream)
  return async () => (await streamState(broker, stream)).lastSeq - before - 1
}

t.test('a list of events has the newest, however few are asked for, while more are stored', async t => {
  const stored = await countStored(subjectTable.evt.stream)
  const subject = eventOf({ site: SITE, csc: 'Greenhouse', index: 0, topic: 'door' })
  keepPublishing(t, 1, n => broker.publish(subject, sampleOf({ n }, now + n / 1000)))
  await askSmall(t, stored, async limit => {
    const { body } = await events(`pattern=evt.${SITE}.Greenhouse.>&limit=${limit}`)
    return body.events.map(({ fields }) => fields['n'] as number)
  })
})

t.test('a list of commands has the newest, however few are asked for, while more are stored', async t => {
  const stored = await countStored(subjectTable.intake.stream)
  const target = { site: SITE, csc: 'Greenhouse', index: 0 }
  keepPublishing(t, 5, n => {
    const record = intakeRecord(target, n)
    broker.publish(intakeOf(target, record.id), json(record))
  })
  await askSmall(t, stored, async limit => {
    const { body } = await commands(`component=Greenhouse&limit=${limit}`)
    return body.commands.map(({ intake }) => intake.params['n'] as number)
  })
})

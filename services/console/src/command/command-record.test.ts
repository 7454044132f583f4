import type { AckRecord, IntakeRecord } from '@meridian/protocol/commands'
import t from 'tap'
import { readsAll } from '../session/reading.ts'
import {
  type CommandEntry,
  isLost,
  mergedEntries,
  recordedEntry,
  sentEntry,
  stateOf,
  withAccepted,
  withError,
  withoutRecord,
  withRecord,
  withStage
} from './command-entry.ts'
import { createCommandRecord } from './command-record.ts'
import { standingWarningOf } from './stop-warning.ts'

const ID = '01jd3xkq7m5v8w2n4p6r9t0abc'

const intake = (more: Partial<IntakeRecord> = {}): IntakeRecord => ({
  id: ID,
  site: 'summit',
  csc: 'MTMount',
  index: 0,
  command: 'moveToTarget',
  params: { azimuth: 1 },
  principal: 'wvreeven',
  door: 'gateway',
  acceptedAt: 100,
  notAfter: 110,
  acceptedBy: 'commander-1',
  ...more
})

const stage = (state: AckRecord['state'], time: number, more: Partial<AckRecord> = {}): AckRecord => ({
  id: ID,
  csc: 'MTMount',
  index: 0,
  command: 'moveToTarget',
  state,
  time,
  commander: 'c',
  boot: 'b',
  ...more
})

const parts = (kind: string) => ({ class: kind, site: 'summit', csc: 'MTMount', index: 0, topic: ID })
const recordOf = () =>
  createCommandRecord({
    csc: 'MTMount',
    index: 0,
    reading: readsAll,
    connection: { subscribe: () => ({ close: () => undefined, update: () => undefined }) }
  })
const statesOf = (entry: CommandEntry | undefined) => entry?.steps.map(({ state }) => state)

t.test('what comes live and from the api is one command, whatever comes first', async t => {
  const record = recordOf()
  const live = (kind: string, fields: object): void =>
    record.apply({ parts: parts(kind), fields: { ...fields } })
  live('ack', stage('inProgress', 102, { ack: 301, timeoutSeconds: 30 }))
  t.same(record.entries.value, [], 'not before it is known what it is')
  live('intake', intake())
  record.add({
    id: ID,
    state: 'inProgress',
    intake: intake(),
    stages: [stage('dispatching', 101), stage('inProgress', 102, { ack: 301, timeoutSeconds: 30 })]
  })
  t.same(statesOf(record.entries.value[0]), ['accepted', 'dispatching', 'inProgress'])
  t.match(record.entries.value, [{ target: 'MTMount:0', principal: 'wvreeven', dueTai: 132 }])
  live('ack', stage('complete', 120, { ack: 303 }))
  t.match(record.entries.value, [{ dueTai: undefined }])
  t.equal(record.entries.value.length, 1)
})

t.test(
  'an end stays the end, though the stages before it have its stamp or a later one, and come later',
  async t => {
    const before = [stage('dispatching', 101), stage('inProgress', 103, { ack: 301 })]
    for (const skew of [0, -1, 1]) {
      const record = recordOf()
      const end = stage('complete', 103 + skew, { ack: 303 })
      record.apply({ parts: parts('ack'), fields: { ...end } })
      record.add({ id: ID, state: 'complete', intake: intake(), stages: [...before, end] })
      t.same(statesOf(record.entries.value[0]), ['accepted', 'dispatching', 'inProgress', 'complete'])
      t.match(record.entries.value, [{ dueTai: undefined }], 'and nothing is overdue')
    }
  }
)

t.test('junk on the subjects of the record is left out', async t => {
  const record = recordOf()
  record.apply({ parts: parts('intake'), fields: { id: ID, params: 3 } })
  record.apply({ parts: parts('ack'), fields: {} })
  t.same(record.entries.value, [])
})

t.test(
  'the newest command comes first, and those of this page that the record lacks are shown too',
  async t => {
    const sent = (id: string, time: number) =>
      sentEntry({ id, target: 'MTMount:0', command: 'stop', params: {} }, time)
    const merged = mergedEntries([recordedEntry(intake(), [])], [sent('later', 105), sent('earlier', 95)])
    t.same(
      merged.map(({ id }) => id),
      ['later', ID, 'earlier']
    )
  }
)

t.test("the end that this page saw counts where the record's has not come; a warning stays", async t => {
  const warning = { code: 'CMD_OFFLINE', message: 'it may not hear this', canRetry: true }
  const accepted = { id: ID, state: 'accepted', acceptedAt: 100, notAfter: 110, ackSubject: 's' } as const
  const sent = sentEntry({ id: ID, target: 'MTMount:0', command: 'stop', params: {} }, 99)
  const mine = withAccepted(sent, { ...accepted, duplicate: false, warning }, 'gateway')
  const recorded = recordedEntry(intake(), [])
  t.match(mergedEntries([recorded], [mine]), [
    { principal: 'wvreeven', warning: { code: 'CMD_OFFLINE', time: 100 } }
  ])
  const done = withStage(mine, stage('complete', 101))
  t.equal(stateOf(mergedEntries([recorded], [done])[0] as CommandEntry), 'complete')
  const lost = withError(mine, { code: 'SDK_COMMAND_UNTRACKED', message: 'lost', canRetry: false })
  t.equal(
    stateOf(mergedEntries([recorded], [lost])[0] as CommandEntry),
    'accepted',
    'the record knows better'
  )
})

t.test('a command that nobody answered may be running; a refused one is not', async t => {
  const sent = sentEntry({ id: ID, target: 'MTMount:0', command: 'move', params: {} }, 99)
  const after = (code: string) => stateOf(withError(sent, { code, message: '', canRetry: true }))
  t.equal(after('SDK_COMMAND_UNANSWERED'), 'unanswered')
  t.equal(after('BRK_TIMEOUT'), 'unanswered')
  t.equal(after('CMD_BAD_PARAMETER'), 'notAccepted')
  t.equal(after('SDK_COMMAND_NOT_SENT'), 'notAccepted')
  t.ok(isLost('unanswered'))
})

t.test('a warning says what was known and when, until the component is heard', async t => {
  const at = (facts: object, code = 'CMD_OFFLINE') => {
    const warning = { code, message: `${code}: in words`, canRetry: true, facts: { ...facts } }
    const accepted = { id: ID, state: 'accepted', acceptedAt: 100, notAfter: 110, ackSubject: 's' } as const
    const sent = sentEntry({ id: ID, target: 'MTMount:0', command: 'stop', params: {} }, 99)
    return withAccepted(sent, { ...accepted, duplicate: false, warning }, 'gateway')
  }
  const offline = at({ silentSeconds: 8.2 })
  const text =
    /^When it was accepted, at \d\d:\d\d:\d\d UTC: no heartbeat of MTMount:0 had reached the commanders for 8.2 s/
  t.match(standingWarningOf(offline, 90), text)
  t.match(standingWarningOf(withStage(offline, stage('dispatching', 101)), 90), text)
  t.match(standingWarningOf(withStage(offline, stage('noack', 105)), 90), text, 'it may not have heard')
  for (const heard of ['inProgress', 'complete', 'failed'] as const)
    t.equal(standingWarningOf(withStage(offline, stage(heard, 101)), 90), undefined, heard)
  t.equal(standingWarningOf(offline, 101), undefined, 'its heartbeat came again')
  t.match(standingWarningOf(at({})), /had reached the commanders, so/)
  t.match(standingWarningOf(at({}, 'CMD_OVERLOAD'), 101), /UTC: CMD_OVERLOAD: in words/)
})

t.test('what the record tells of a lost command leads on to its end', async t => {
  const sent = sentEntry({ id: ID, target: 'MTMount:0', command: 'stop', params: {} }, 99)
  for (const code of ['SDK_COMMAND_UNANSWERED', 'CMD_BAD_ANSWER', 'GEN_INTERNAL', 'SDK_REFUSED']) {
    const lost = withError(sent, { code, message: '', canRetry: false })
    t.equal(stateOf(lost), 'unanswered', code)
    const found = withRecord(lost, {
      id: ID,
      intake: intake(),
      stages: [stage('dispatching', 101)],
      state: 'dispatching'
    })
    t.equal(stateOf(found), 'dispatching')
    t.match(found, {
      principal: 'wvreeven',
      steps: [{}, {}, { state: 'accepted', detail: 'found on the record' }]
    })
    t.equal(stateOf(withStage(found, stage('timeout', 110))), 'timeout')
    t.equal(stateOf(withoutRecord(lost)), 'notAccepted')
  }
})

import type { AckRecord } from '@meridian/protocol/commands'
import t from 'tap'
import { summit } from '../../test/harness/summit.ts'
import type { FieldSpec, TopicSpec } from '../catalogue.ts'
import { componentFactsOf } from '../site/site-facts.ts'
import {
  ackText,
  isSettled,
  sentEntry,
  stateOf,
  withAccepted,
  withError,
  withStage
} from './command-entry.ts'
import { isAllowed, needsConfirmation, stopParametersOf } from './confirmation.ts'
import { defaultDraft, parseParams, problemsOf, roundedTextOf, typeText } from './parse-params.ts'

const field = (name: string, type: string, more: Partial<FieldSpec> = {}): FieldSpec => ({
  name,
  type,
  count: 1,
  units: '',
  ...more
})
const command = (...fields: FieldSpec[]): TopicSpec => ({ name: 'move', fields })

t.test('what was typed becomes typed parameters', async t => {
  const spec = command(
    field('azimuth', 'double'),
    field('on', 'boolean'),
    field('name', 'string'),
    field('axis', 'int', { enumeration: 'Axis' }),
    field('force', 'float', { count: 3 }),
    field('id', 'long long')
  )
  const draft = { azimuth: ' -1.5e2', on: 'true', axis: '2', force: '1, 2 3', id: '9007199254740993' }
  t.same(parseParams(spec, draft), {
    kind: 'ready',
    params: { azimuth: -150, on: true, name: '', axis: 2, force: [1, 2, 3], id: '9007199254740993' }
  })
})

t.test('a number left empty is a problem, never a zero', async t => {
  const parsed = parseParams(
    command(field('azimuth', 'double'), field('axis', 'int', { enumeration: 'Axis' })),
    {}
  )
  t.match(parsed, { kind: 'wrong', problems: { azimuth: 'a value is needed', axis: 'choose one' } })
})

t.test('a wrong number is named with what was typed', async t => {
  t.match(parseParams(command(field('n', 'int')), { n: '1.5' }), {
    problems: { n: "'1.5' is not a whole number" }
  })
  t.match(parseParams(command(field('n', 'double')), { n: 'ten' }), {
    problems: { n: "'ten' is not a number" }
  })
  const array = command(field('f', 'float', { count: 4 }))
  t.match(parseParams(array, { f: '1 2' }), { problems: { f: /4 values are needed.*there are 2/ } })
  t.match(parseParams(array, { f: '1 2 x 4' }), { problems: { f: /^\[2\]: 'x'/ } })
  t.match(parseParams(array, { f: '7' }), { params: { f: [7, 7, 7, 7] } })
})

t.test('what is no finite number is refused in a sentence, whatever it is typed as', async t => {
  for (const type of ['double', 'float', 'int', 'long long'])
    for (const text of ['NaN', 'nan', 'Infinity', '-Infinity', '+inf'])
      t.match(parseParams(command(field('a', type)), { a: text }), {
        problems: { a: `${text} is refused: a command takes finite numbers only` }
      })
  t.match(parseParams(command(field('a', 'double')), { a: '1e400' }), {
    problems: { a: /more than a double/ }
  })
  t.match(parseParams(command(field('a', 'float')), { a: '1e39' }), { problems: { a: /more than a float/ } })
  t.match(parseParams(command(field('a', 'float')), { a: '3.4028235e38' }), { kind: 'ready' })
  for (const text of ['0x10', '1_000', '1,5', 'e5', '.'])
    t.match(parseParams(command(field('a', 'double')), { a: text }), { kind: 'wrong' }, text)
})

t.test('integers keep every digit, and stay within what their type holds', async t => {
  const wide = command(field('a', 'long long'))
  t.same(parseParams(wide, { a: '9007199254740993' }), {
    kind: 'ready',
    params: { a: '9007199254740993' }
  })
  t.same(parseParams(wide, { a: '-0009223372036854775808' }), {
    kind: 'ready',
    params: { a: '-9223372036854775808' }
  })
  t.match(parseParams(wide, { a: '9223372036854775808' }), { problems: { a: /to 9223372036854775807 is/ } })
  t.match(parseParams(command(field('a', 'byte')), { a: '256' }), {
    problems: { a: /-128 to 255 is allowed/ }
  })
  t.match(parseParams(command(field('a', 'int')), { a: '2147483648' }), { kind: 'wrong' })
  t.equal(typeText(field('a', 'short')), 'short, -32768 to 32767')
  t.equal(typeText(field('a', 'double', { count: 3 })), '3 × double')
})

t.test(
  'a real number arrives with the digits that were typed, or it is said what is left of them',
  async t => {
    const real = (type: string, text: string) => parseParams(command(field('a', type)), { a: text })
    t.match(real('double', '9007199254740993'), {
      problems: { a: 'a double cannot hold 9007199254740993: the nearest that it holds is 9007199254740992' }
    })
    t.match(real('double', '9007199254740992'), { params: { a: 2 ** 53 } })
    t.match(real('double', '100000000000000000000000'), {
      problems: { a: /the nearest that it holds is 99999999999999991611392$/ }
    })
    t.match(real('float', '16777217'), { problems: { a: /a float cannot hold 16777217/ } })
    for (const text of ['1e23', '-0', '0.1', '.5', '+30.00', '12.123456789'])
      t.match(real('double', text), { params: { a: Number(text) } }, text)
    const rounded = (type: string, text: string) => roundedTextOf(field('a', type), text)
    t.equal(rounded('double', '3.14159265358979323846'), '3.141592653589793')
    t.equal(rounded('float', '12.123456789'), '12.123457')
    t.equal(rounded('double', '9007199254740993.0'), '9007199254740992')
    for (const text of ['0.1', '1.50', '-2.5e-3', '', 'x', '1e400', '0.000', '12'])
      t.equal(rounded('double', text), undefined, text)
    t.equal(rounded('float', '0.1'), undefined)
    t.equal(rounded('long long', '9007199254740993'), undefined)
  }
)

t.test('a flag that nobody touched is a problem, never a silent false', async t => {
  const spec = command(field('brakes', 'boolean'))
  t.match(parseParams(spec, {}), { problems: { brakes: 'choose true or false' } })
  t.match(parseParams(spec, { brakes: 'false' }), { params: { brakes: false } })
})

t.test('defaults are filled in only when asked for, and never for a choice', async t => {
  const spec = command(field('a', 'double'), field('b', 'boolean'), field('c', 'int', { enumeration: 'C' }))
  t.same(defaultDraft(spec), { a: '0', b: 'false' })
})

t.test("the commander's problems are shown at their parameters", async t => {
  t.same(problemsOf({ problems: [{ parameter: 'azimuth', expected: 'double', got: '"x"' }] }), {
    azimuth: 'expected double, got "x"'
  })
  t.same(problemsOf(undefined), {})
})

t.test('stopping never waits for a second press, moving always does', async t => {
  const rulesOf = (csc: string) => componentFactsOf(summit, csc)
  const harmless = {
    MTMount: ['stop', 'stopTracking', 'setLogLevel'],
    MTM1M3: ['abortProfile'],
    Watcher: ['showAlarms']
  }
  for (const [csc, names] of Object.entries(harmless))
    for (const name of names) t.notOk(needsConfirmation(rulesOf(csc), name), name)
  for (const name of ['moveToTarget', 'enable', 'openMirrorCovers', 'exitControl', 'constructor'])
    t.ok(needsConfirmation(rulesOf('MTMount'), name), name)
  t.ok(needsConfirmation(componentFactsOf(undefined, 'MTMount'), 'stop'), 'not before the site is known')
})

t.test('a stop has the parameters of the site, and no other command has any', async t => {
  const dome = componentFactsOf(summit, 'MTDome')
  t.same(stopParametersOf(dome, 'stop'), { engageBrakes: false, subSystemIds: 2047 })
  t.equal(stopParametersOf(dome, 'moveAz'), undefined)
})

t.test('the state machine decides which of its commands are offered', async t => {
  t.ok(isAllowed('enable', 1))
  t.notOk(isAllowed('enable', 2))
  t.ok(isAllowed('standby', 3))
  t.ok(isAllowed('enable', undefined), 'unknown state forbids nothing')
  t.ok(isAllowed('moveToTarget', 5), 'other commands are for the component to refuse')
})

const record = (state: AckRecord['state'], more: Partial<AckRecord> = {}): AckRecord => ({
  id: 'a',
  csc: 'MTMount',
  index: 0,
  command: 'move',
  state,
  time: 100,
  commander: 'c',
  boot: 'b',
  ...more
})
const sent = sentEntry({ id: 'a', target: 'MTMount:0', command: 'move', params: {} }, 99)
const accepted = {
  id: 'a',
  state: 'accepted',
  acceptedAt: 99.5,
  notAfter: 109.5,
  ackSubject: 's',
  duplicate: false
} as const

t.test('stages are told in order, and in progress says until when', async t => {
  let entry = withAccepted(sent, accepted, 'gateway')
  t.equal(entry.dueTai, 109.5)
  entry = withStage(entry, record('dispatching'))
  t.equal(withStage(entry, record('dispatching')), entry, 'by two ways, once')
  entry = withStage(entry, record('inProgress', { ack: 301, timeoutSeconds: 30 }))
  t.equal(entry.dueTai, 130)
  t.notOk(isSettled(entry))
  entry = withStage(entry, record('complete', { ack: 303, result: 'Done' }))
  t.ok(isSettled(entry))
  t.equal(entry.dueTai, undefined)
  t.same(
    entry.steps.map(step => step.state),
    ['sending', 'accepted', 'dispatching', 'inProgress', 'complete']
  )
})

t.test('a stage that overtakes the acceptance stands after it all the same', async t => {
  const entry = withAccepted(withStage(sent, record('dispatching')), accepted, 'api')
  t.same(
    entry.steps.map(step => step.state),
    ['sending', 'accepted', 'dispatching']
  )
})

t.test('a refusal before acceptance and a loss after it are different things', async t => {
  const error = { code: 'X', message: 'why', canRetry: false }
  t.equal(stateOf(withError(sent, error)), 'notAccepted')
  t.equal(stateOf(withError(withAccepted(sent, accepted, 'gateway'), error)), 'untracked')
})

t.test('SAL acknowledgements are told with name, code, error and result', async t => {
  t.equal(ackText({ ack: -302, error: 1, result: 'Failed: no' }), 'CMD_FAILED -302 · error 1 · Failed: no')
  t.equal(ackText({}), '')
})

t.test(
  'no acknowledgement in time is not the end where the component may have heard the command',
  async t => {
    const detail = (more: Partial<AckRecord>) => withStage(sent, record('noack', more)).steps.at(-1)?.detail
    t.equal(
      detail({ result: 'no acknowledgement within 10 s' }),
      'sent; no acknowledgement within 10 s: it may still be carried out'
    )
    t.equal(detail({}), 'sent; no acknowledgement: it may still be carried out')
    const result = 'offline: nobody serves this component'
    t.equal(detail({ result, unserved: true }), result, 'nobody was there to carry it out')
    t.match(detail({ result }), /may still be carried out/, 'words of a component decide nothing')
  }
)

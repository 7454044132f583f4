import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { AppError } from '@meridian/errors'
import { scriptCommand } from '@meridian/testing'
import t from 'tap'
import { exitCodeOf, reasonOf } from './command-line.ts'

interface Ended {
  readonly code: unknown
  readonly said: string
}

async function run(script: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [...scriptCommand(script), ...args], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'pipe']
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const [code] = await once(child, 'close')
  return { code, said }
}

const absent = ['--nats', 'nats://127.0.0.1:1']
const nowhere = ['--data', '/nowhere']

t.test('each command of the terminal refuses in one line with a code', async t => {
  const cases: readonly [script: string, args: readonly string[], code: number, said: RegExp][] = [
    ['forget', ['Bad Name:1'], 2, /^RUN_BAD_OPTION: .*'Bad Name:1'.* expected: a component and its index/],
    ['forget', ['MTMount:99999999999'], 2, /^RUN_BAD_OPTION: /],
    [
      'forget',
      ['MTMount:5', '--sit', 'x'],
      2,
      /^RUN_BAD_OPTION: .*unknown option '--sit' \(Did you mean --site\?\)/
    ],
    ['forget', ['MTMount:5', ...nowhere], 2, /^RUN_NO_SYSTEM: /],
    ['forget', ['MTMount:5', ...absent], 1, /^BRK_UNAVAILABLE: /],
    ['streams', ['--profile', 'huge'], 2, /^RUN_BAD_OPTION: .*Allowed choices are site, laptop/],
    ['streams', ['--nats', 'http://a'], 2, /^CFG_INVALID: /],
    ['tail', ['a..b', ...absent], 2, /^WIR_BAD_PATTERN: /],
    ['tail', ['--count', '0'], 2, /^RUN_BAD_OPTION: .* expected: a whole number of 1 or more/],
    ['tail', absent, 1, /^BRK_UNAVAILABLE: /],
    ['gateways', ['--nat', 'x'], 2, /^RUN_BAD_OPTION: /],
    ['gateways', absent, 1, /^BRK_UNAVAILABLE: /],
    ['import-sal', [], 2, /^RUN_BAD_OPTION: .*missing required argument 'dir'/],
    ['types', ['Nope'], 2, /^CAT_UNKNOWN: /],
    ['types', ['MTMount', '--out', '/nowhere/topics.ts'], 2, /^RUN_BAD_FILE: /]
  ]
  const ended = await Promise.all(cases.map(([script, args]) => run(script, args)))
  for (const [at, [script, args, code, said]] of cases.entries()) {
    t.match(ended[at], { code, said }, `${script} ${args.join(' ')}`)
    t.equal(ended[at]?.said.trimEnd().split('\n').length, 1, 'one line')
  }
})

t.test('an end tells its reason, and whether anything was tried', async t => {
  const file = Object.assign(new Error("ENOENT: no such file or directory, open '/a'"), {
    syscall: 'open',
    path: '/a'
  })
  t.same(
    [exitCodeOf(file), exitCodeOf(new AppError('RUN_NOT_READY')), exitCodeOf(new TypeError('x'))],
    [2, 1, 1]
  )
  t.match(reasonOf(file), /^RUN_BAD_FILE: .*'\/a'/)
  t.match(
    reasonOf(new TypeError('x is undefined')),
    /TypeError: x is undefined\n +at /,
    'a fault of ours keeps its stack'
  )
})

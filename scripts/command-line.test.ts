import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { AppError } from '@meridian/errors'
import { scriptCommand } from '@meridian/testing'
import t from 'tap'
import { exitCodeOf, reasonOf } from './command-line.ts'
import { assembleImage } from './images/assemble.ts'
import { buildImages } from './images/build-images.ts'
import { pinImages } from './images/pin.ts'
import { makeFolder } from './make-folder.ts'
import { makeRelease } from './release/make-release.ts'

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

t.test('a folder that the system does not make is told, and ends no command in a loop', async t => {
  const told = (caught: unknown): string => reasonOf(caught)
  const out = '/proc/none'
  const built = { revision: '', source: '', say: () => {} }
  const tries = [
    async () => makeFolder(`${out}/deep/er`),
    () =>
      assembleImage('api', { folders: { dist: 'dist' }, kind: 'job', settings: {}, args: [] }, `${out}/api`),
    () => buildImages({ ...built, images: new Map(), out }),
    () => makeRelease({ ...built, out, withImages: false })
  ]
  for (const work of tries) {
    const caught = await work().then(() => 'made', told)
    t.match(caught, /^RUN_BAD_FILE: .*ENOENT.*'\/proc\/none'$/)
  }
})

t.test('images are pinned in a file that names some, and in no other', async t => {
  const pin = (file: string) =>
    pinImages({
      ...{ file, registry: 'none', tag: 'v1', revision: undefined, isInsecure: true, folder: '/nowhere' },
      say: () => {}
    })
  const texts = {
    'empty.yaml': 'images: []\n',
    'none.yaml': 'kind: Kustomization\n',
    'list.yaml': '- images\n',
    'broken.yaml': 'images: [\n',
    'nameless.yaml': 'images:\n  - { name: meridian/api }\n  - { newName: a }\n'
  }
  const folder = t.testdir(texts)
  await t.rejects(pin(folder), { code: 'RUN_BAD_FILE', message: /is a folder, and no file/ })
  for (const [name, text] of Object.entries(texts)) {
    await t.rejects(
      pin(`${folder}/${name}`),
      { code: 'RUN_BAD_FILE', message: new RegExp(`/${name}: .+`) },
      name
    )
    t.equal(readFileSync(`${folder}/${name}`, 'utf8'), text, 'nothing is written')
  }
})

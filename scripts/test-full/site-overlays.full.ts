/**
 * `pnpm site new` from its command line and at a terminal, and what Kustomize makes of it; and of a component more at the
 * summit, what changes in what is applied.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSite } from '@meridian/catalogue'
import { scriptCommand } from '@meridian/testing'
import t, { type Test } from 'tap'
import { parseAllDocuments } from 'yaml'
import { obtainGoTool } from '../deploy/go-tool.ts'
import { root } from '../root.ts'
import { generate } from '../site/generate.ts'

t.setTimeout(300_000)

const env = { ...process.env, NODE_OPTIONS: '' }

/** A copy of the deploy folder, and its overlays. */
function copyDeploy(t: Test): string {
  const deploy = t.testdir()
  cpSync(join(root, 'deploy'), deploy, { recursive: true })
  return join(deploy, 'overlays')
}

function siteNew(overlays: string, ...args: string[]) {
  const command = [...scriptCommand('site'), 'new', ...args, '--overlays', overlays]
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    encoding: 'utf8',
    env,
    input: ''
  })
  return { status, stdout, stderr }
}

/** The pinned kustomize, or where it cannot be built that of kubectl; undefined where neither is there. */
async function findKustomize(): Promise<readonly [string, string] | undefined> {
  const built = await obtainGoTool('kustomize').catch(() => undefined)
  if (built !== undefined) return [built, 'build']
  return spawnSync('kubectl', ['kustomize', '--help']).status === 0 ? ['kubectl', 'kustomize'] : undefined
}

const tool = await findKustomize()
const skip = tool === undefined && 'there is no Go to build kustomize, and no kubectl'

function render(folder: string): string {
  const [command, verb] = tool ?? ['', '']
  const { stdout, stderr, status } = spawnSync(command, [verb, folder], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

t.test('a site of one’s own is made from flags, and Kustomize renders it', { skip }, t => {
  const overlays = copyDeploy(t)
  const flags = [
    '--host',
    'dale.example.org',
    '--instances',
    'MTMount',
    'ESS:1,2',
    'Shed',
    '--home-made',
    'Shed'
  ]
  t.match(siteNew(overlays, 'dale', ...flags), {
    status: 0,
    stdout: /overlays\/dale: \d+ files\n$/,
    stderr: ''
  })
  const rendered = render(join(overlays, 'dale'))
  for (const name of ['ess-1', 'ess-2', 'mtmount', 'rest', 'shed'])
    t.match(rendered, new RegExp(`^ {2}name: producer-${name}$`, 'm'))
  t.match(rendered, /^ {4}meridian\.observatory\/place: dale$/m)
  t.notMatch(rendered, 'tucson')
  const local = ['--host', 'fell.example.org', '--instances', 'MTMount', '--like', 'local']
  t.equal(siteNew(overlays, 'fell', ...local).status, 0)
  t.match(render(join(overlays, 'fell')), /^ {2}name: producer-mtmount$/m, 'like local')
  t.end()
})

t.test('faults and what is left out end it with a line each', t => {
  const overlays = copyDeploy(t)
  t.match(siteNew(overlays, 'dale', '--host', 'Dale', '--instances', 'MTMuont'), {
    status: 1,
    stderr: /^CAT_SITE_INVALID: [^\n]*\nCAT_SITE_UNKNOWN: [^\n]*\n$/
  })
  t.match(siteNew(overlays, 'dale'), {
    status: 2,
    stderr: /^RUN_BAD_OPTION: [^\n]*--host and --instances are expected[^\n]*\n$/
  })
  t.match(siteNew(overlays, 'dale', '--like', 'moon'), {
    status: 2,
    stderr: /^RUN_BAD_OPTION: [^\n]*--like moon: [^\n]* is not there\n$/
  })
  t.match(siteNew(overlays, 'dale', '--sice', '3'), { status: 2, stderr: /^RUN_BAD_OPTION: .*'--sice'/ })
  t.notOk(existsSync(join(overlays, 'dale')))
  t.end()
})

/** Each object by kind and name, without the hash that a name ends with. */
function objectsOf(rendered: string): ReadonlyMap<string, string> {
  const objects = parseAllDocuments(rendered).map(document => document.toJS() as Rendered)
  return new Map(
    objects.map(object => [
      `${object.kind} ${object.metadata.name.replace(/-[a-z0-9]{10}$/, '')}`,
      JSON.stringify(object)
    ])
  )
}

interface Rendered {
  readonly kind: string
  readonly metadata: { readonly name: string }
}

t.test(
  'of a component more at the summit one Deployment is new, and no other producer is touched',
  { skip },
  t => {
    const overlays = copyDeploy(t)
    const before = objectsOf(render(join(overlays, 'summit')))
    const file = join(overlays, 'summit/site.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('      302,\n', '      302,\n      312,\n'))
    generate(overlays, ['summit'])
    const after = objectsOf(render(join(overlays, 'summit')))
    t.same(
      [...before.keys()].filter(name => !after.has(name)),
      [],
      'nothing is gone'
    )
    t.same([...after.keys()].filter(name => !before.has(name)).sort(), [
      'ConfigMap producer-ess-312',
      'Deployment producer-ess-312'
    ])
    t.same(
      [...after.keys()].filter(name => before.has(name) && before.get(name) !== after.get(name)).sort(),
      [
        // The list itself, and who must know it to show the component and to take its commands.
        'ConfigMap producer-rest',
        'ConfigMap producer-site',
        'ConfigMap site',
        'Deployment api',
        'Deployment commander',
        'Deployment gateway',
        'Deployment producer-rest'
      ]
    )
    t.end()
  }
)

/** A terminal, as util-linux makes one. */
const hasTerminal = spawnSync('script', ['--version']).status === 0

t.test(
  'at a terminal it asks for what is not said',
  { skip: !hasTerminal && 'there is no script of util-linux to make a terminal' },
  async t => {
    const overlays = copyDeploy(t)
    const command = [...scriptCommand('site'), 'new', 'dale', '--overlays', overlays]
    const line = [process.execPath, ...command].map(word => `'${word}'`).join(' ')
    const terminal = spawn('script', ['-qec', line, '/dev/null'], { env, timeout: 60_000 })
    /** What it says, and what is typed then. */
    const answers: Array<readonly [string, string?]> = [
      ['name for people', 'The Dale'],
      ['host name', ''],
      ['an answer is needed here'],
      ['host name', 'dale.example.org'],
      ['its components', 'MTMount ESS:1,2'],
      ['no catalogue knows', ''],
      ['sizes', 'moon'],
      ['--like moon: '],
      ['sizes', 'local']
    ]
    let seen = ''
    terminal.stdout.on('data', (chunk: Buffer) => {
      seen += String(chunk)
      for (let next = answers[0]; next !== undefined && seen.includes(next[0]); next = answers[0]) {
        const [question, answer] = next
        seen = seen.slice(seen.indexOf(question) + question.length)
        answers.shift()
        if (answer !== undefined) terminal.stdin.write(`${answer}\r`)
      }
    })
    const [code] = (await once(terminal, 'close')) as [number]
    t.equal(code, 0, seen)
    t.same(answers, [], 'each is asked until there is an answer that can be')
    const file = join(overlays, 'dale/site.yaml')
    t.ok(existsSync(file), seen)
    t.match(readSite(file), {
      observatory: 'The Dale',
      deploy: { host: 'dale.example.org', gateways: { min: 1, max: 1 }, nats: { servers: 1 } },
      instances: { length: 3 }
    })
    t.match(readFileSync(join(overlays, 'dale/kustomization.yaml'), 'utf8'), 'place: dale')
  }
)

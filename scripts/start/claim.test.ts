import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { claimFolder } from './claim.ts'
import { identityOf, isRunning } from './process-identity.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Process that claims the folder, says how that went, and stays. */
function claimant(folder: string): { child: ChildProcess; said: Promise<string> } {
  const script = `
    const { claimFolder } = await import(${JSON.stringify(here('claim.ts'))})
    process.stdin.once('data', async () => {
      console.log(await claimFolder(${JSON.stringify(folder)}).then(() => 'mine', error => error.code))
    })
    console.log('here')`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: here('../..'),
    stdio: ['pipe', 'pipe', 'inherit']
  })
  t.teardown(() => child.kill('SIGKILL'))
  return { child, said: once(child.stdout, 'data').then(String) }
}

async function askToClaim({ child }: { child: ChildProcess }): Promise<string> {
  const said = once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data')
  child.stdin?.write('now\n')
  return String((await said)[0]).trim()
}

t.test('of several starts at the same moment one gets the folder, also over a dead claim', async t => {
  const folder = t.testdir({ claims: {} })
  const all = [0, 1, 2, 3].map(() => claimant(folder))
  await Promise.all(all.map(({ said }) => said))
  for (const dead of ['3.json', '7.json']) {
    writeFileSync(`${folder}/claims/${dead}`, '{"starter":{"pid":1,"born":"long ago"},"processes":{}}')
  }
  const answers = await Promise.all(all.map(askToClaim))
  t.same(answers.sort(), ['RUN_FOLDER_IN_USE', 'RUN_FOLDER_IN_USE', 'RUN_FOLDER_IN_USE', 'mine'])
  t.same(readdirSync(`${folder}/claims`), ['8.json'], 'and nothing else is left')
})

t.test('a folder whose owner has ended is free, and so is one that was released', async t => {
  const folder = t.testdir({ claims: {} })
  const claim = await claimFolder(folder)
  await t.rejects(claimFolder(folder), { code: 'RUN_FOLDER_IN_USE' })
  claim.release()
  const dead = claimant(folder)
  await dead.said
  t.equal(await askToClaim(dead), 'mine')
  dead.child.kill('SIGKILL')
  await once(dead.child, 'exit')
  ;(await claimFolder(folder)).release()
})

t.test('what a start that was killed had begun to write goes, what one that runs writes stays', async t => {
  const folder = t.testdir({ claims: {} })
  const ended = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await once(ended, 'exit')
  const rival = process.ppid
  for (const pid of [ended.pid, rival]) writeFileSync(`${folder}/claims/${pid}.draft`, '{}')
  const claim = await claimFolder(folder)
  t.same(readdirSync(`${folder}/claims`).sort(), ['1.json', `${rival}.draft`])
  claim.release()
})

t.test('what a killed start had written down is ended, the broker too when it does not listen', async t => {
  const folder = t.testdir({ claims: {} })
  const deaf = spawn('sh', ['-c', 'trap "" TERM; echo deaf; while :; do sleep 1; done'], { detached: true })
  t.teardown(() => deaf.kill('SIGKILL'))
  await once(deaf.stdout, 'data')
  const identity = identityOf(deaf.pid as number)
  const record = { starter: { pid: 1, born: 'long ago' }, processes: { 'nats-server': identity } }
  writeFileSync(`${folder}/claims/1.json`, JSON.stringify(record))
  ;(await claimFolder(folder)).release()
  t.notOk(isRunning(identity as NonNullable<typeof identity>))
})

t.test('a process that was given the id of an earlier one is left alone', async t => {
  const folder = t.testdir({ claims: {} })
  const other = { pid: process.pid, born: 'in another life' }
  const record = JSON.stringify({ starter: other, processes: { 'nats-server': other } })
  writeFileSync(`${folder}/claims/1.json`, record)
  const claim = await claimFolder(folder)
  claim.record({ 'nats-server': process.pid, gone: 0 })
  t.same(JSON.parse(readFileSync(`${folder}/claims/2.json`, 'utf8')), {
    starter: identityOf(process.pid),
    processes: { 'nats-server': identityOf(process.pid) }
  })
})

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'
import { waitFor } from './wait-for.ts'

const VERSION = '2.6.13.Final'
const JAVA = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dquarkus.http.host=127.0.0.1']
/** Seven seconds where the machine has nothing else to do. */
const START_MS = 90_000

/** Apicurio: a registry of schemas that is not our own, with an empty memory, on loopback. */
export interface TestApicurio {
  /** Of what it offers in the form of Confluent's registry; it has a path of its own. */
  readonly url: string
  stop(): Promise<void>
}

const cache = fileURLToPath(new URL(`../../../node_modules/.cache/apicurio/${VERSION}`, import.meta.url))

/** Why it cannot be started here; undefined where it can. `pnpm kafka --registry` gets what it needs. */
export function whyNoApicurio(): string | undefined {
  if (!existsSync(cache))
    return `Apicurio ${VERSION} is not in node_modules/.cache/apicurio: pnpm kafka --registry`
  return spawnSync('java', ['-version']).error === undefined ? undefined : 'there is no java'
}

/** Starts one; it answers when this resolves. Rejects with what it said last where it ends, or does not answer. */
export async function startApicurio(): Promise<TestApicurio> {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-apicurio-'))
  const port = await freePort()
  const child = launch(port, folder)
  const stop = async (): Promise<void> => {
    if (!isOver(child) && child.kill('SIGKILL')) await once(child, 'close')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', () => child.kill('SIGKILL'))
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`
  await answers(child, url).catch(async error => {
    await stop()
    throw error
  })
  return { url, stop }
}

const isOver = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

/** It writes files where it runs. */
function launch(port: number, cwd: string): ChildProcess {
  const classes = `${join(cache, `apicurio-registry-app-${VERSION}-runner.jar`)}:${join(cache, 'lib/*')}`
  const args = [...JAVA, `-Dquarkus.http.port=${port}`, '-cp', classes, 'io.quarkus.runner.GeneratedMain']
  return spawn('java', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function answers(child: ChildProcess, url: string): Promise<void> {
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', chunk => {
      said = (said + chunk).slice(-20_000)
    })
  const answered = async (): Promise<boolean> => isOver(child) || (await fetch(`${url}/subjects`)).ok
  await waitFor(answered, { what: 'Apicurio answers', timeoutMs: START_MS, everyMs: 50 }).catch(cause => {
    throw new Error(`Apicurio does not answer: ${said}`, { cause })
  })
  if (isOver(child)) throw new Error(`Apicurio ended: ${said}`)
}

/**
 * Finds or obtains nats-server, in this order: NATS_SERVER_BIN, PATH if new enough, the repository's cache,
 * the pinned release, `go install`, Debian's package. Each step gives up within seconds and says why; one
 * line says which was taken. It runs before anything is built, so it needs nothing of the workspace but what needs no build.
 */
import { mkdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { root } from '../root.ts'
import { clauseOf } from '../run-tool.ts'
import { unpackDebian } from './debian.ts'
import { buildWithGo } from './go.ts'
import { downloadRelease } from './release.ts'
import { tellProgress } from './tell-progress.ts'
import { atLeast, type Found, LEAST, PINNED, probe } from './version.ts'

/** A slow step tells how long it has been running this often. */
const PROGRESS_MS = 5000

/** The binary that was taken, from where, and why the earlier steps did not give one. */
export interface Obtained extends Found {
  readonly source: string
  readonly skipped: readonly string[]
}

/** Where a binary that we obtained is kept. */
const cacheFolder = (): string => join(root, 'node_modules/.cache/nats-server')

interface Step {
  readonly name: string
  /** Only a version at least this new is taken from here; none for an explicit wish or the last resort. */
  readonly least?: string
  readonly slow?: string
  /** A path to probe; a thrown error says in one clause why not. */
  find(): Promise<string>
}

function steps(folder: string): readonly Step[] {
  return [
    { name: 'NATS_SERVER_BIN', find: async () => process.env['NATS_SERVER_BIN'] ?? fail('not set') },
    { name: 'PATH', least: LEAST, find: onPath },
    { name: 'cache', least: LEAST, find: async () => join(folder, 'nats-server') },
    { name: `release ${PINNED}`, slow: 'downloading', find: () => downloadRelease(folder) },
    { name: `go install ${PINNED}`, slow: 'building, half a minute', find: () => buildWithGo(folder) },
    { name: 'old cache', find: async () => join(folder, 'nats-server') },
    { name: "Debian's package", slow: 'downloading', find: () => unpackDebian(folder) }
  ]
}

/**
 * Runs the steps until one gives a nats-server that starts here. Throws with one sentence that says what to
 * do.
 */
export async function obtainNatsServer(
  say: (line: string) => void = () => {},
  folder = cacheFolder()
): Promise<Obtained> {
  await mkdir(folder, { recursive: true })
  const skipped: string[] = []
  for (const step of steps(folder)) {
    const outcome = await attempt(step, say)
    if (typeof outcome !== 'string') return { ...outcome, source: step.name, skipped }
    skipped.push(`${step.name}: ${outcome}`)
    if (step.name === 'NATS_SERVER_BIN' && process.env['NATS_SERVER_BIN'] !== undefined)
      throw new Error(
        `NATS_SERVER_BIN is set to ${process.env['NATS_SERVER_BIN']}, where no nats-server runs.`
      )
  }
  throw new Error(
    `no nats-server could be had (${skipped.join('; ')}). Install nats-server ${PINNED} and set NATS_SERVER_BIN to its path.`
  )
}

async function attempt(step: Step, say: (line: string) => void): Promise<Found | string> {
  try {
    const found = await probe(await findAloud(step, say))
    if (found === undefined) return 'there is none that runs'
    return step.least === undefined || atLeast(found.version, step.least)
      ? found
      : `${found.version} is older than ${step.least}`
  } catch (error) {
    return clauseOf(error)
  }
}

/** Looks in one place; a slow one says so first, and then how long it has been at it. */
async function findAloud({ name, slow, find }: Step, say: (line: string) => void): Promise<string> {
  if (slow === undefined) return find()
  say(`nats-server: ${name} (${slow}) …`)
  return tellProgress(find(), say, { what: `nats-server: ${name}`, everyMs: PROGRESS_MS })
}

async function onPath(): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder === '') continue
    const found = await probe(join(folder, 'nats-server'))
    if (found !== undefined) return found.path
  }
  return fail('not there')
}

function fail(why: string): never {
  throw new Error(why)
}

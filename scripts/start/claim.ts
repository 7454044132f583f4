/**
 * Who owns a data folder, and which processes work in it: the files `claims/<number>.json`. The owner is
 * whoever made the highest number and still runs.
 *
 * A start reads all claims, gives up while the process behind one of them runs, and otherwise makes the next
 * number; a file of that name appears whole or not at all, for one start only. Then it looks again: where a
 * higher number came up meanwhile, it takes its own back. So of several starts at the same time one goes on.
 * The owner writes down each of its processes before that process touches the store, ends what earlier claims
 * name before it goes on, and only then removes them: a start that is killed at any moment leaves what the
 * next one needs.
 */
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@meridian/errors'
import { identityOf, isRunning, type ProcessIdentity } from './process-identity.ts'
import { say } from './say.ts'

/** A data folder while this process owns it. */
export interface FolderClaim {
  /** Writes down the processes that run in the folder, by name. */
  record(pids: Readonly<Record<string, number>>): void
  release(): void
}

interface Claim {
  readonly number: number
  readonly starter: ProcessIdentity
  readonly processes: Readonly<Record<string, ProcessIdentity>>
}

const BROKER = 'nats-server'
/** Services end by themselves when their start is gone; the broker has to be told. */
const SERVICES_MS = 4_000
const BROKER_MS = 6_000
const LOOK_MS = 50

/**
 * Takes a data folder, open already, for this process, and ends what a killed start has left running in it. Throws
 * RUN_FOLDER_IN_USE while another start runs there.
 */
export async function claimFolder(data: string): Promise<FolderClaim> {
  const folder = join(data, 'claims')
  const { number, earlier } = takeNumber(data, folder)
  await endLeftovers(earlier)
  for (const claim of earlier) rmSync(fileOf(folder, claim.number), { force: true })
  removeDrafts(folder)
  return {
    record: pids => recordOrTell(folder, number, pids),
    release: () => rmSync(fileOf(folder, number), { force: true })
  }
}

function takeNumber(data: string, folder: string): { number: number; earlier: readonly Claim[] } {
  for (;;) {
    const earlier = readClaims(folder)
    const owner = earlier.findLast(({ starter }) => isRunning(starter))
    if (owner !== undefined) throw inUse(data, owner)
    const number = (earlier.at(-1)?.number ?? 0) + 1
    if (!create(folder, number)) continue
    if (readClaims(folder).at(-1)?.number === number) return { number, earlier }
    rmSync(fileOf(folder, number), { force: true })
  }
}

const inUse = (data: string, { starter }: Claim): AppError =>
  new AppError('RUN_FOLDER_IN_USE', { detail: `Meridian runs on ${data} already (process ${starter.pid})` })

const fileOf = (folder: string, number: number): string => join(folder, `${number}.json`)

/** All claims, the lowest number first; one that cannot be read names nobody. */
function readClaims(folder: string): readonly Claim[] {
  return readdirSync(folder)
    .map(name => /^(\d+)\.json$/.exec(name)?.[1])
    .filter(text => text !== undefined)
    .map(text => readClaim(folder, Number(text)))
    .sort((a, b) => a.number - b.number)
}

const NOBODY: ProcessIdentity = { pid: 0, born: '' }

function readClaim(folder: string, number: number): Claim {
  try {
    const { starter, processes } = JSON.parse(readFileSync(fileOf(folder, number), 'utf8')) as Claim
    return { number, starter, processes }
  } catch {
    return { number, starter: NOBODY, processes: {} }
  }
}

/** False where another start has made this number. */
function create(folder: string, number: number): boolean {
  const draft = writeDraft(folder, {})
  try {
    linkSync(draft, fileOf(folder, number))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** A disk that is full does not end what runs. */
function recordOrTell(folder: string, number: number, pids: Readonly<Record<string, number>>): void {
  try {
    renameSync(writeDraft(folder, pids), fileOf(folder, number))
  } catch (error) {
    say.fail(`${fileOf(folder, number)} cannot be written: ${(error as Error).message}`)
  }
}

function writeDraft(folder: string, pids: Readonly<Record<string, number>>): string {
  const processes = Object.entries(pids).map(([name, pid]) => [name, identityOf(pid)])
  const draft = join(folder, `${process.pid}.draft`)
  writeFileSync(
    draft,
    JSON.stringify({ starter: identityOf(process.pid), processes: Object.fromEntries(processes) }, null, 2)
  )
  return draft
}

/** What a start that was killed had begun to write; one that runs may still need its own. */
function removeDrafts(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = Number(/^(\d+)\.draft$/.exec(name)?.[1])
    if (pid > 0 && identityOf(pid) === undefined) rmSync(join(folder, name), { force: true })
  }
}

async function endLeftovers(claims: readonly Claim[]): Promise<void> {
  const left = claims.flatMap(({ processes }) => Object.entries(processes)).filter(([, id]) => isRunning(id))
  const services = left.filter(([name]) => name !== BROKER).map(([, id]) => id)
  const brokers = left.filter(([name]) => name === BROKER).map(([, id]) => id)
  if (services.length > 0) say.step('waiting for the services of an earlier start that was killed')
  await gone(services, SERVICES_MS)
  for (const broker of brokers) signal(broker, 'SIGTERM')
  await gone(brokers, BROKER_MS)
  for (const { pid } of brokers)
    say.warn(`an earlier start had left its broker running (process ${pid}); it was ended`)
}

/** Waits until all have ended; kills what has not in time. */
async function gone(processes: readonly ProcessIdentity[], limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs
  while (processes.some(isRunning)) {
    if (performance.now() > deadline) for (const one of processes) signal(one, 'SIGKILL')
    await new Promise(resolve => setTimeout(resolve, LOOK_MS))
  }
}

function signal(one: ProcessIdentity, name: NodeJS.Signals): void {
  try {
    if (isRunning(one)) process.kill(one.pid, name)
  } catch {
    // It has ended by itself meanwhile.
  }
}

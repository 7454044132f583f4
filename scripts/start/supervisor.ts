/**
 * Runs child processes. A child is starting -> up -> ended; one that ends by itself is started again after a
 * pause that doubles from 0.5 s to 10 s and goes back after 30 s of health. Children get a process group of
 * their own, so that Ctrl-C reaches this process alone and it can end them in order; a child started with an
 * IPC channel also ends when this process is gone. One without, the broker, is held before its first step until
 * `onSpawn` has written it down, and never begins when this process is killed before that.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { AppError } from '@meridian/errors'
import { createProcessLog, lastWords, type ProcessLog } from './process-log.ts'
import { say } from './say.ts'

/** How one process is started, known to be ready, and stopped. */
export interface ProcessSpec {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Address that answers 200 once it is ready; `tcp://host:port`: it is ready when it listens there. */
  readonly readyUrl: string
  /** Lower stages are stopped first, one stage after the other. */
  readonly stopStage: number
  /** Ends with this process when it understands an IPC channel; a foreign program does not. */
  readonly ipc: boolean
  /** Whether nothing can be done without it: its end before it was ready is an error, not a reason to wait. */
  readonly isVital?: boolean
  /** Whether nothing of it is of use later: it is killed where others are asked to end. */
  readonly isDisposable?: boolean
}

interface Child {
  readonly spec: ProcessSpec
  process: ChildProcess
  log: ProcessLog
  startedMs: number
  pauseMs: number
  /** How it ended for good, before it was ready. */
  failed?: string
  wasReady: boolean
}

/** What is running, and how to end it. */
export interface Supervisor {
  /**
   * Starts a process and waits until it answers as ready, which is told each `tellMs` (15 s) that it takes; where it
   * takes longer than `timeoutMs` a warning says what its log said last. Starts nothing once everything shall end.
   * Throws RUN_NOT_READY when a vital one ends before.
   */
  launch(spec: ProcessSpec, timeoutMs: number, tellMs?: number): Promise<void>
  /** Ends everything, stage by stage; what does not end in time is killed. Never longer than `limitMs`. */
  stop(limitMs: number): Promise<void>
  pids(): Readonly<Record<string, number>>
  /** Called after a process was started again. */
  onRestart(listener: () => void): void
}

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000
const HEALTHY_MS = 30_000
const LAST_WORDS_MS = 1000
const TELL_MS = 15_000
/** Share of the time for a stage in which its processes may drain. */
const DRAINING = 0.8

type Pids = Readonly<Record<string, number>>

/** The processes that a supervisor keeps running, and whom it tells of them. */
interface Supervision {
  readonly logFolder: string
  readonly onSpawn: (pids: Pids) => void
  readonly children: Map<string, Child>
  readonly restartListeners: Set<() => void>
  /** True from the moment at which everything shall end; nothing is started again after it. */
  stopping: boolean
}

/**
 * Makes a supervisor whose children log into `logFolder`, one file each; `onSpawn` gets the ids of all
 * whenever a process was made.
 */
export function createSupervisor(logFolder: string, onSpawn: (pids: Pids) => void = () => {}): Supervisor {
  mkdirSync(logFolder, { recursive: true })
  const supervision: Supervision = {
    logFolder,
    onSpawn,
    children: new Map(),
    restartListeners: new Set(),
    stopping: false
  }
  return {
    launch: (spec, timeoutMs, tellMs = TELL_MS) => launch(supervision, spec, { timeoutMs, tellMs }),
    async stop(limitMs) {
      supervision.stopping = true
      await stopInStages([...supervision.children.values()], limitMs)
    },
    onRestart(listener) {
      supervision.restartListeners.add(listener)
    },
    pids: () => pidsOf(supervision)
  }
}

const pidsOf = ({ children }: Supervision): Pids =>
  Object.fromEntries([...children].map(([name, child]) => [name, child.process.pid ?? 0]))

async function launch(supervision: Supervision, spec: ProcessSpec, times: Times): Promise<void> {
  if (supervision.stopping) return
  const child = start(supervision, spec)
  const began = performance.now()
  const isOver = (): boolean => supervision.stopping || child.failed !== undefined
  child.wasReady = await waitReady(supervision, spec, { ...times, isOver })
  if (child.wasReady) say.done(`${spec.name} ${((performance.now() - began) / 1000).toFixed(1)} s`)
  if (child.failed !== undefined)
    throw new AppError('RUN_NOT_READY', {
      detail: `${spec.name} (${child.failed}). ${logEndOf(supervision, spec)}`
    })
}

/** Starts a child for the first time. */
function start(supervision: Supervision, spec: ProcessSpec): Child {
  const child: Child = {
    spec,
    ...spawnLogged(spec, supervision.logFolder),
    startedMs: performance.now(),
    pauseMs: FIRST_PAUSE_MS,
    wasReady: false
  }
  supervision.children.set(spec.name, child)
  watch(supervision, child)
  return child
}

/** Writes down the process of a child that was just made, then lets it begin, and hears of its end. */
function watch(supervision: Supervision, child: Child): void {
  const { spec, process } = child
  supervision.onSpawn(pidsOf(supervision))
  process.stdin?.on('error', () => {}).end('go\n')
  process.once('exit', async (code, signal) => {
    await lastWordsAreWritten(child)
    revive(supervision, child, signal ?? `code ${code}`)
  })
  process.once('error', error => say.fail(`${spec.name} could not be started: ${error.message}`))
}

/** Waits until what a process said last is in its log; a child of its own that holds its output costs a second. */
async function lastWordsAreWritten({ process, log }: Child): Promise<void> {
  const signal = AbortSignal.timeout(LAST_WORDS_MS)
  await once(process, 'close', { signal }).catch(() => undefined)
  await log.flushed()
}

/** What becomes of a child that ended by itself: a vital one that never was ready has failed for good. */
function revive(supervision: Supervision, child: Child, how: string): void {
  if (supervision.stopping) return
  if (child.spec.isVital === true && !child.wasReady) {
    child.failed = how
    return
  }
  if (performance.now() - child.startedMs > HEALTHY_MS) child.pauseMs = FIRST_PAUSE_MS
  const pause = `started again in ${child.pauseMs / 1000} s`
  say.warn(`${child.spec.name} ended (${how}); ${pause}. ${logEndOf(supervision, child.spec)}`)
  setTimeout(() => restart(supervision, child), child.pauseMs)
  child.pauseMs = Math.min(child.pauseMs * 2, LONGEST_PAUSE_MS)
}

function restart(supervision: Supervision, child: Child): void {
  if (supervision.stopping) return
  Object.assign(child, spawnLogged(child.spec, supervision.logFolder), { startedMs: performance.now() })
  watch(supervision, child)
  for (const listener of supervision.restartListeners) listener()
  void sayWhenBack(supervision, child.spec)
}

async function sayWhenBack(supervision: Supervision, spec: ProcessSpec): Promise<void> {
  const isOver = (): boolean => supervision.stopping
  if (await waitReady(supervision, spec, { timeoutMs: HEALTHY_MS, tellMs: HEALTHY_MS, isOver }))
    say.done(`${spec.name} is back`)
}

const logEndOf = ({ logFolder }: Supervision, { name }: ProcessSpec): string =>
  `Its log ends: ${lastWords(join(logFolder, `${name}.log`))}`

/** A shell that becomes the program once a line comes, and ends where its standard input ends before that. */
const HELD = 'read -r go && exec "$0" "$@" </dev/null'

function spawnLogged(spec: ProcessSpec, logFolder: string): Pick<Child, 'process' | 'log'> {
  const log = createProcessLog(join(logFolder, `${spec.name}.log`))
  const options = { detached: true, env: { ...process.env, ...spec.env } }
  const child = spec.ipc
    ? spawn(spec.command, [...spec.args], { ...options, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    : spawn('sh', ['-c', HELD, spec.command, ...spec.args], { ...options, stdio: 'pipe' })
  child.stdout?.on('data', log)
  child.stderr?.on('data', log)
  return { process: child, log }
}

interface Times {
  readonly timeoutMs: number
  readonly tellMs: number
}

interface Wait extends Times {
  /** True when waiting is in vain. */
  readonly isOver: () => boolean
}

async function waitReady(
  supervision: Supervision,
  spec: ProcessSpec,
  { timeoutMs, tellMs, isOver }: Wait
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  let tellAt = performance.now() + tellMs
  let why = 'it does not answer'
  while (performance.now() < deadline) {
    if (isOver()) return false
    const answer = await ask(spec.readyUrl)
    if (answer === 'ready') return true
    why = answer
    if (performance.now() > tellAt) {
      say.step(`${spec.name} is not ready yet: ${why}`)
      tellAt += tellMs
    }
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  say.warn(`${spec.name} is not ready after ${timeoutMs / 1000} s (${why}). ${logEndOf(supervision, spec)}`)
  return false
}

/** Asks the process; gives `ready`, or its own sentence about what it waits for. */
async function ask(url: string): Promise<string> {
  try {
    if (url.startsWith('tcp:')) return await listening(new URL(url))
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) })
    return response.ok ? 'ready' : whyOf(await response.text())
  } catch {
    return 'it does not answer'
  }
}

/** The sentence of an answer of ours, the text of any other. */
function whyOf(answer: string): string {
  try {
    return String(JSON.parse(answer).why ?? answer)
  } catch {
    return answer
  }
}

async function listening({ hostname, port }: URL): Promise<string> {
  const socket = connect({ host: hostname, port: Number(port) })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(1000) })
    return 'ready'
  } finally {
    socket.destroy()
  }
}

async function stopInStages(children: Child[], limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs
  const stages = [...new Set(children.map(child => child.spec.stopStage))].sort((a, b) => a - b)
  for (const [position, stage] of stages.entries()) {
    const share = Math.max(200, (deadline - performance.now()) / (stages.length - position))
    const those = children.filter(child => child.spec.stopStage === stage)
    say.step(`stopping ${those.map(({ spec }) => spec.name).join(', ')}`)
    await Promise.all(those.map(child => stopOne(child, share)))
  }
}

/** A second signal ends a process of ours that drains for longer than there is time, before it is killed. */
async function stopOne({ spec, process: child }: Child, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = once(child, 'exit')
  child.kill(spec.isDisposable ? 'SIGKILL' : 'SIGTERM')
  const again = spec.ipc ? setTimeout(() => child.kill('SIGTERM'), graceMs * DRAINING) : undefined
  const timer = setTimeout(() => {
    say.warn(`${spec.name} did not end within ${(graceMs / 1000).toFixed(1)} s and was killed`)
    child.kill('SIGKILL')
  }, graceMs)
  await ended
  clearTimeout(timer)
  clearTimeout(again)
}

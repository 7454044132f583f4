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
import { join } from 'node:path'
import { createProcessLog, lastWords } from './process-log.ts'
import { StartError, say } from './say.ts'

/** How one process is started, known to be ready, and stopped. */
export interface ProcessSpec {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Address that answers 200 once it is ready. */
  readonly readyUrl: string
  /** Lower stages are stopped first, one stage after the other. */
  readonly stopStage: number
  /** Ends with this process when it understands an IPC channel; a foreign program does not. */
  readonly ipc: boolean
  /** Whether nothing can be done without it: its end before it was ready is an error, not a reason to wait. */
  readonly isVital?: boolean
}

interface Child {
  readonly spec: ProcessSpec
  process: ChildProcess
  startedMs: number
  pauseMs: number
  restarts: number
  /** How it ended for good, before it was ready. */
  failed?: string
  wasReady: boolean
}

/** What is running, and how to end it. */
export interface Supervisor {
  /**
   * Starts a process and waits until it answers as ready; a warning says what its log said last. Throws
   * StartError when a vital one ends before.
   */
  launch(spec: ProcessSpec, timeoutMs: number): Promise<void>
  /** Ends everything, stage by stage; what does not end in time is killed. Never longer than `limitMs`. */
  stop(limitMs: number): Promise<void>
  pids(): Readonly<Record<string, number>>
  /** Called after a process was started again. */
  onRestart(listener: () => void): void
}

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000
const HEALTHY_MS = 30_000

/**
 * Makes a supervisor whose children log into `logFolder`, one file each; `onSpawn` gets the ids of all
 * whenever a process was made.
 */
export function createSupervisor(
  logFolder: string,
  onSpawn: (pids: Readonly<Record<string, number>>) => void = () => {}
): Supervisor {
  mkdirSync(logFolder, { recursive: true })
  const children = new Map<string, Child>()
  const listeners = new Set<() => void>()
  let stopping = false

  const pids = (): Readonly<Record<string, number>> =>
    Object.fromEntries([...children].map(([name, child]) => [name, child.process.pid ?? 0]))

  const start = (child: Child): void => {
    child.process = spawnLogged(child.spec, logFolder)
    child.startedMs = Date.now()
    onSpawn(pids())
    child.process.stdin?.on('error', () => {}).end('go\n')
    child.process.once('exit', (code, signal) => revive(child, signal ?? `code ${code}`))
    child.process.once('error', error =>
      say.fail(`${child.spec.name} could not be started: ${error.message}`)
    )
  }

  const revive = (child: Child, how: string): void => {
    if (stopping) return
    if (child.spec.isVital === true && !child.wasReady) {
      child.failed = how
      return
    }
    if (Date.now() - child.startedMs > HEALTHY_MS) child.pauseMs = FIRST_PAUSE_MS
    say.warn(
      `${child.spec.name} ended (${how}); started again in ${child.pauseMs / 1000} s. Its log ends: ${lastWords(join(logFolder, `${child.spec.name}.log`))}`
    )
    setTimeout(() => {
      if (!stopping) restart(child)
    }, child.pauseMs)
    child.restarts++
    child.pauseMs = Math.min(child.pauseMs * 2, LONGEST_PAUSE_MS)
  }

  const restart = (child: Child): void => {
    start(child)
    for (const listener of listeners) listener()
    void waitReady(child.spec, HEALTHY_MS, () => stopping, logFolder).then(ready => {
      if (ready) say.done(`${child.spec.name} is back`)
    })
  }

  return {
    async launch(spec, timeoutMs) {
      const child: Child = {
        spec,
        process: undefined as unknown as ChildProcess,
        startedMs: 0,
        pauseMs: FIRST_PAUSE_MS,
        restarts: 0,
        wasReady: false
      }
      children.set(spec.name, child)
      start(child)
      const began = Date.now()
      const isOver = (): boolean => stopping || child.failed !== undefined
      child.wasReady = await waitReady(spec, timeoutMs, isOver, logFolder)
      if (child.wasReady) say.done(`${spec.name} ${((Date.now() - began) / 1000).toFixed(1)} s`)
      if (child.failed !== undefined)
        throw new StartError(
          `${spec.name} ended (${child.failed}) before it was ready. Its log ends: ${lastWords(join(logFolder, `${spec.name}.log`))}`
        )
    },
    async stop(limitMs) {
      stopping = true
      await stopInStages([...children.values()], limitMs)
    },
    onRestart(listener) {
      listeners.add(listener)
    },
    pids
  }
}

/** A shell that becomes the program once a line comes, and ends where its standard input ends before that. */
const HELD = 'read -r go && exec "$0" "$@" </dev/null'

function spawnLogged(spec: ProcessSpec, logFolder: string): ChildProcess {
  const log = createProcessLog(join(logFolder, `${spec.name}.log`))
  const options = { detached: true, env: { ...process.env, ...spec.env } }
  const child = spec.ipc
    ? spawn(spec.command, [...spec.args], { ...options, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    : spawn('sh', ['-c', HELD, spec.command, ...spec.args], { ...options, stdio: 'pipe' })
  child.stdout?.on('data', log)
  child.stderr?.on('data', log)
  return child
}

async function waitReady(
  spec: ProcessSpec,
  timeoutMs: number,
  cancelled: () => boolean,
  logFolder: string
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs
  let why = 'it does not answer'
  while (Date.now() < deadline) {
    if (cancelled()) return false
    const answer = await ask(spec.readyUrl)
    if (answer === 'ready') return true
    why = answer
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  const seconds = timeoutMs / 1000
  say.warn(
    `${spec.name} is not ready after ${seconds} s (${why}). Its log ends: ${lastWords(join(logFolder, `${spec.name}.log`))}`
  )
  return false
}

/** Asks the process; gives `ready`, or its own sentence about what it waits for. */
async function ask(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) })
    return response.ok ? 'ready' : await response.text()
  } catch {
    return 'it does not answer'
  }
}

async function stopInStages(children: Child[], limitMs: number): Promise<void> {
  const deadline = Date.now() + limitMs
  const stages = [...new Set(children.map(child => child.spec.stopStage))].sort((a, b) => a - b)
  for (const [position, stage] of stages.entries()) {
    const share = Math.max(200, (deadline - Date.now()) / (stages.length - position))
    const those = children.filter(child => child.spec.stopStage === stage)
    say.step(`stopping ${those.map(({ spec }) => spec.name).join(', ')}`)
    await Promise.all(those.map(child => stopOne(child, share)))
  }
}

async function stopOne({ spec, process: child }: Child, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => {
    say.warn(`${spec.name} did not end within ${(graceMs / 1000).toFixed(1)} s and was killed`)
    child.kill('SIGKILL')
  }, graceMs)
  await ended
  clearTimeout(timer)
}

import { LEVEL, type Level } from '../model.ts'
import { createRandom } from '../random.ts'
import type { Tick } from '../tick.ts'
import type { TopicPublishers } from '../topic-publishers.ts'

/**
 * One run of a script, as SAL's queue sees its child process. UNCONFIGURED -> CONFIGURED by itself;
 * CONFIGURED -> RUNNING when the queue runs it; RUNNING -> PAUSED at its pause checkpoint, back by resume;
 * RUNNING -> ENDING -> DONE; stop: -> STOPPING -> STOPPED; a configuration that says `fail` leads to FAILING
 * -> FAILED, one that says `invalid` to CONFIGURE_FAILED. The last four end the process.
 */
export const SCRIPT_STATE = {
  UNKNOWN: 0,
  UNCONFIGURED: 1,
  CONFIGURED: 2,
  RUNNING: 3,
  PAUSED: 4,
  ENDING: 5,
  STOPPING: 6,
  FAILING: 7,
  DONE: 8,
  STOPPED: 9,
  FAILED: 10,
  CONFIGURE_FAILED: 11
} as const
/** SAL's number of the state of a Script. */
export type ScriptState = (typeof SCRIPT_STATE)[keyof typeof SCRIPT_STATE]

/** Parameters of the ScriptQueue's command `add`. */
export interface ScriptRequest {
  readonly path: string
  readonly isStandard: boolean
  readonly config: string
  readonly descr: string
  readonly logLevel: number
  readonly pauseCheckpoint: string
  readonly stopCheckpoint: string
  readonly block: string
  readonly blockSize: number
  readonly executionId: string
}

/** One Script, from its process's start to its end; times come with the ticks. */
export interface Script {
  readonly index: number
  readonly request: ScriptRequest
  state(): ScriptState
  /** True when its process has ended. */
  ended(): boolean
  advance(at: Tick): void
  run(groupId: string, at: Tick): void
  stop(at: Tick): void
  resume(at: Tick): void
  terminate(at: Tick): void
  setCheckpoints(pause: string, stop: string, at: Tick): void
}

const HEARTBEAT_SECONDS = 5
const LOAD_SECONDS = 1.5
const CONFIGURE_SECONDS = 1
const END_SECONDS = 1
const CHECKPOINTS = [
  'setup',
  'slew to target',
  'in position',
  'take images',
  'offset',
  'take images again',
  'clean up'
]

const ENDED: readonly ScriptState[] = [
  SCRIPT_STATE.DONE,
  SCRIPT_STATE.STOPPED,
  SCRIPT_STATE.FAILED,
  SCRIPT_STATE.CONFIGURE_FAILED
]

export interface ScriptOptions {
  readonly index: number
  readonly request: ScriptRequest
  readonly publishers: TopicPublishers
  readonly seed: number
}

/** Starts the process of a script. */
export const createScript = (options: ScriptOptions, born: Tick): Script => new ScriptProcess(options, born)

/** Where a script goes by itself when the time of a state is over, and why. */
const NEXT: Readonly<Partial<Record<ScriptState, readonly [to: ScriptState, reason?: string]>>> = {
  [SCRIPT_STATE.ENDING]: [SCRIPT_STATE.DONE],
  [SCRIPT_STATE.STOPPING]: [SCRIPT_STATE.STOPPED],
  [SCRIPT_STATE.FAILING]: [SCRIPT_STATE.FAILED, 'configuration says fail']
}

class ScriptProcess implements Script {
  readonly index: number
  readonly request: ScriptRequest
  readonly #publishers: TopicPublishers
  readonly #stepSeconds: number
  #state: ScriptState = SCRIPT_STATE.UNKNOWN
  /** Second at which the state is over. */
  #due: number
  #step = 0
  #groupId = ''
  #pauseAt: string
  #stopAt: string
  #nextBeat: number
  #gone = false

  constructor({ index, request, publishers, seed }: ScriptOptions, born: Tick) {
    const random = createRandom(seed + index)
    this.index = index
    this.request = request
    this.#publishers = publishers
    this.#stepSeconds = 6 + 14 * random()
    this.#due = born.seconds + LOAD_SECONDS
    this.#pauseAt = request.pauseCheckpoint
    this.#stopAt = request.stopCheckpoint
    this.#nextBeat = this.#due + HEARTBEAT_SECONDS * random()
  }

  state(): ScriptState {
    return this.#state
  }

  ended(): boolean {
    return this.#gone
  }

  advance(at: Tick): void {
    if (this.#gone) return
    if (at.seconds >= this.#nextBeat) {
      this.#nextBeat += HEARTBEAT_SECONDS
      this.#publishers.heartbeat().send(at)
    }
    if (at.seconds < this.#due) return
    if (ENDED.includes(this.#state)) this.#gone = true
    else this.#leave(at)
  }

  run(groupId: string, at: Tick): void {
    this.#groupId = groupId
    this.#step = 0
    this.#say('running', at)
    this.#enter(SCRIPT_STATE.RUNNING, at)
    this.#due = at.seconds + 1
  }

  stop(at: Tick): void {
    if (ENDED.includes(this.#state)) return
    if (this.#state === SCRIPT_STATE.RUNNING || this.#state === SCRIPT_STATE.PAUSED) {
      this.#enter(SCRIPT_STATE.STOPPING, at, 'stop')
      this.#due = at.seconds + END_SECONDS
    } else this.#enter(SCRIPT_STATE.STOPPED, at, 'stop')
  }

  resume(at: Tick): void {
    if (this.#state !== SCRIPT_STATE.PAUSED) return
    this.#enter(SCRIPT_STATE.RUNNING, at)
    this.#due = at.seconds + this.#stepSeconds
  }

  terminate(at: Tick): void {
    this.#say('terminated', at, 'warning')
    this.#gone = true
  }

  setCheckpoints(pause: string, stop: string, at: Tick): void {
    this.#pauseAt = pause
    this.#stopAt = stop
    this.#publishers.event('checkpoints').put({ pause, stop }, at)
  }

  #leave(at: Tick): void {
    if (this.#state === SCRIPT_STATE.UNKNOWN) this.#introduce(at)
    else if (this.#state === SCRIPT_STATE.UNCONFIGURED) this.#configure(at)
    else if (this.#state === SCRIPT_STATE.RUNNING) this.#checkpoint(at)
    else {
      const next = NEXT[this.#state]
      if (next !== undefined) this.#enter(next[0], at, next[1])
    }
  }

  #introduce(at: Tick): void {
    const { request } = this
    this.#publishers.event('logLevel').force({ level: request.logLevel || LEVEL.info, subsystem: '' }, at)
    this.#publishers
      .event('softwareVersions')
      .put({ salVersion: '', xmlVersion: '28.0.1', cscVersion: '1.0.0' }, at)
    this.#publishers.event('description').put(descriptionOf(request), at)
    this.#enter(SCRIPT_STATE.UNCONFIGURED, at)
    this.#due = at.seconds + CONFIGURE_SECONDS
  }

  #configure(at: Tick): void {
    const { config } = this.request
    if (/\binvalid\b/.test(config)) {
      this.#enter(SCRIPT_STATE.CONFIGURE_FAILED, at, 'configuration is invalid')
      return
    }
    this.#publishers.event('checkpoints').put({ pause: this.#pauseAt, stop: this.#stopAt }, at)
    this.#publishers
      .event('metadata')
      .put({ duration: CHECKPOINTS.length * this.#stepSeconds, totalCheckpoints: CHECKPOINTS.length }, at)
    this.#enter(SCRIPT_STATE.CONFIGURED, at)
    this.#say(`configured with ${config.length} characters of YAML`, at)
  }

  #checkpoint(at: Tick): void {
    const name = CHECKPOINTS[this.#step]
    if (name !== undefined) {
      this.#step++
      this.#say(`checkpoint ${this.#step} of ${CHECKPOINTS.length}: ${name}`, at)
    }
    const state = name === undefined ? SCRIPT_STATE.ENDING : this.#stateAt(name)
    this.#due = at.seconds + (state === SCRIPT_STATE.RUNNING ? this.#stepSeconds : END_SECONDS)
    this.#enter(state, at)
  }

  #stateAt(checkpoint: string): ScriptState {
    if (this.#step === 3 && /\bfail\b/.test(this.request.config)) return SCRIPT_STATE.FAILING
    if (this.#stopAt !== '' && checkpoint.includes(this.#stopAt)) return SCRIPT_STATE.STOPPING
    const pauses = this.#pauseAt !== '' && checkpoint.includes(this.#pauseAt)
    return pauses ? SCRIPT_STATE.PAUSED : SCRIPT_STATE.RUNNING
  }

  #enter(next: ScriptState, at: Tick, reason = ''): void {
    this.#state = next
    this.#publishers.event('state').force(
      {
        state: next,
        reason,
        groupId: this.#groupId,
        lastCheckpoint: this.#step === 0 ? '' : (CHECKPOINTS[this.#step - 1] ?? ''),
        numCheckpoints: this.#step,
        blockId: this.request.block,
        executionId: this.request.executionId
      },
      at
    )
    if (ENDED.includes(next)) this.#due = at.seconds + END_SECONDS
  }

  #say(message: string, at: Tick, level: Level = 'info'): void {
    const fields = { name: `Script:${this.index}`, level: LEVEL[level], message }
    this.#publishers.event('logMessage').force(fields, at)
  }
}

const descriptionOf = ({ path, descr }: ScriptRequest): Record<string, string> => ({
  classname: path.replace(/^.*\//, '').replace(/\.py$/, ''),
  description: descr || path,
  help: '',
  remotes: 'MTMount,MTDome,MTPtg,MTCamera'
})

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
export function createScript({ index, request, publishers, seed }: ScriptOptions, born: Tick): Script {
  const random = createRandom(seed + index)
  const stepSeconds = 6 + 14 * random()
  const failing = /\bfail\b/.test(request.config)
  let state: ScriptState = SCRIPT_STATE.UNKNOWN
  let due = born.seconds + LOAD_SECONDS
  let step = 0
  let groupId = ''
  let pauseAt = request.pauseCheckpoint
  let stopAt = request.stopCheckpoint
  let nextBeat = born.seconds + LOAD_SECONDS + HEARTBEAT_SECONDS * random()
  let gone = false

  const say = (message: string, at: Tick, level: Level = 'info'): void =>
    publishers.event('logMessage').force({ name: `Script:${index}`, level: LEVEL[level], message }, at)
  const enter = (next: ScriptState, at: Tick, reason = ''): void => {
    state = next
    publishers.event('state').force(
      {
        state,
        reason,
        groupId,
        lastCheckpoint: step === 0 ? '' : (CHECKPOINTS[step - 1] ?? ''),
        numCheckpoints: step,
        blockId: request.block,
        executionId: request.executionId
      },
      at
    )
    if (ENDED.includes(next)) due = at.seconds + END_SECONDS
  }
  const introduce = (at: Tick): void => {
    publishers.event('logLevel').force({ level: request.logLevel || LEVEL.info, subsystem: '' }, at)
    publishers
      .event('softwareVersions')
      .put({ salVersion: '', xmlVersion: '28.0.1', cscVersion: '1.0.0' }, at)
    publishers.event('description').put(descriptionOf(request), at)
    enter(SCRIPT_STATE.UNCONFIGURED, at)
    due = at.seconds + CONFIGURE_SECONDS
  }
  const configure = (at: Tick): void => {
    if (/\binvalid\b/.test(request.config)) {
      enter(SCRIPT_STATE.CONFIGURE_FAILED, at, 'configuration is invalid')
      return
    }
    publishers.event('checkpoints').put({ pause: pauseAt, stop: stopAt }, at)
    publishers
      .event('metadata')
      .put({ duration: CHECKPOINTS.length * stepSeconds, totalCheckpoints: CHECKPOINTS.length }, at)
    enter(SCRIPT_STATE.CONFIGURED, at)
    say(`configured with ${request.config.length} characters of YAML`, at)
  }
  const checkpoint = (at: Tick): void => {
    const name = CHECKPOINTS[step]
    if (name !== undefined) {
      step++
      say(`checkpoint ${step} of ${CHECKPOINTS.length}: ${name}`, at)
    }
    const state = name === undefined ? SCRIPT_STATE.ENDING : stateAt(name)
    due = at.seconds + (state === SCRIPT_STATE.RUNNING ? stepSeconds : END_SECONDS)
    enter(state, at)
  }
  const stateAt = (name: string): ScriptState => {
    if (failing && step === 3) return SCRIPT_STATE.FAILING
    if (stopAt !== '' && name.includes(stopAt)) return SCRIPT_STATE.STOPPING
    return pauseAt !== '' && name.includes(pauseAt) ? SCRIPT_STATE.PAUSED : SCRIPT_STATE.RUNNING
  }
  const next: Readonly<Partial<Record<ScriptState, (at: Tick) => void>>> = {
    [SCRIPT_STATE.UNKNOWN]: introduce,
    [SCRIPT_STATE.UNCONFIGURED]: configure,
    [SCRIPT_STATE.RUNNING]: checkpoint,
    [SCRIPT_STATE.ENDING]: at => enter(SCRIPT_STATE.DONE, at),
    [SCRIPT_STATE.STOPPING]: at => enter(SCRIPT_STATE.STOPPED, at),
    [SCRIPT_STATE.FAILING]: at => enter(SCRIPT_STATE.FAILED, at, 'configuration says fail')
  }
  return {
    index,
    request,
    state: () => state,
    ended: () => gone,
    advance(at) {
      if (gone) return
      if (at.seconds >= nextBeat) {
        nextBeat += HEARTBEAT_SECONDS
        publishers.heartbeat().send(at)
      }
      if (at.seconds < due) return
      if (ENDED.includes(state)) gone = true
      else next[state]?.(at)
    },
    run(group, at) {
      groupId = group
      step = 0
      say('running', at)
      enter(SCRIPT_STATE.RUNNING, at)
      due = at.seconds + 1
    },
    stop(at) {
      if (ENDED.includes(state)) return
      if (state === SCRIPT_STATE.RUNNING || state === SCRIPT_STATE.PAUSED) {
        enter(SCRIPT_STATE.STOPPING, at, 'stop')
        due = at.seconds + END_SECONDS
      } else enter(SCRIPT_STATE.STOPPED, at, 'stop')
    },
    resume(at) {
      if (state !== SCRIPT_STATE.PAUSED) return
      enter(SCRIPT_STATE.RUNNING, at)
      due = at.seconds + stepSeconds
    },
    terminate(at) {
      say('terminated', at, 'warning')
      gone = true
    },
    setCheckpoints(pause, stop, at) {
      pauseAt = pause
      stopAt = stop
      publishers.event('checkpoints').put({ pause, stop }, at)
    }
  }
}

const descriptionOf = ({ path, descr }: ScriptRequest): Record<string, string> => ({
  classname: path.replace(/^.*\//, '').replace(/\.py$/, ''),
  description: descr || path,
  help: '',
  remotes: 'MTMount,MTDome,MTPtg,MTCamera'
})

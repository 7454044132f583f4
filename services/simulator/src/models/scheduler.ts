import {
  type Call,
  type CommandTable,
  createModel,
  type Model,
  type ModelContext,
  type Work
} from '../model.ts'
import { createRandom } from '../random.ts'
import { numberOf, refuse, textOf } from '../refuse.ts'
import type { SharedState, Target } from '../shared-state.ts'
import { SUMMARY, type SummaryState } from '../summary-state.ts'
import type { Tick } from '../tick.ts'
import { labelsOf, predictionOf, schedulerTelemetry, startEvents, targetFields } from './scheduler-fields.ts'

const PREDICT_SECONDS = 600
const SURVEY_BLOCK = 'BLOCK-365'
/** Targets of one execution of the survey's block. */
const TARGETS_PER_EXECUTION = 5

/** Chooses observations and reports the state of the observatory. */
export interface Scheduler extends Model {
  /** Called by the night program: publishes the target that was chosen. */
  chosen(target: Target, at: Tick): void
  /** True while it may choose targets: ENABLED and not stopped. */
  running(): boolean
}

interface Block {
  readonly status: string
  /** Number of executions that are complete. */
  readonly done: number
}

/** Parts and state of a scheduler. */
interface Survey {
  readonly context: ModelContext
  readonly shared: SharedState
  readonly random: () => number
  readonly blocks: Map<string, Block>
  /** False while an operator has stopped it. */
  on: boolean
  /** Second of the last predicted schedule. */
  predicted: number
}

/** Creates a scheduler: index 1 plans the main telescope, 2 the auxiliary, 3 the whole observatory. */
export function createScheduler(context: ModelContext, shared: SharedState): Scheduler {
  const survey: Survey = {
    context,
    shared,
    random: createRandom(context.seed),
    blocks: new Map([[SURVEY_BLOCK, { status: 'STARTED', done: 12 }]]),
    on: true,
    predicted: Number.NEGATIVE_INFINITY
  }
  return {
    ...createModel(survey, {
      step,
      stepTicks: 0,
      entered,
      telemetry: schedulerTelemetry,
      commands,
      events: startEvents(context, shared),
      notAtStart
    }),
    running: () => survey.on && context.state() === SUMMARY.ENABLED,
    chosen: (target, at) => chosen(survey, target, at)
  }
}

const notAtStart = [
  'target',
  'invalidateTarget',
  'observation',
  'predictedSchedule',
  'nextTargetQueue',
  'blockStatus',
  'needFilterSwap'
]

function step(survey: Survey, at: Tick): void {
  if (survey.context.state() !== SUMMARY.ENABLED || at.seconds - survey.predicted < PREDICT_SECONDS) return
  predict(survey, at)
}

function entered({ context, on }: Survey, next: SummaryState, at: Tick): void {
  publishState(context, next === SUMMARY.ENABLED && on ? 'RUNNING' : 'IDLE', at)
}

const commands: CommandTable<Survey> = {
  resume: (survey, { at }) => setRunning(survey, true, at),
  stop: (survey, { at }) => setRunning(survey, false, at),
  updateObservatoryStatus: ({ context }, { params, at }) => {
    const status = numberOf(params, 'status', [0, 63])
    const fields = { status, statusLabels: labelsOf(status), note: textOf(params, 'note') }
    context.event('observatoryStatus').put(fields, at)
  },
  computePredictedSchedule: (survey, { at }): Work => {
    predict(survey, at)
    return { seconds: 2, done: now => now.tai >= at.tai + 2 }
  },
  addBlock,
  removeBlock: ({ blocks }, { params }) => {
    for (const id of textOf(params, 'ids').split(','))
      if (!blocks.delete(id.trim())) throw refuse(`no block '${id.trim()}'`)
  },
  getBlockStatus: (survey, { params, at }) => publishBlock(survey, textOf(params, 'id'), at)
}

function setRunning(survey: Survey, on: boolean, at: Tick): undefined {
  survey.on = on
  publishState(survey.context, on ? 'RUNNING' : 'IDLE', at)
}

function addBlock(survey: Survey, { params, at }: Call): undefined {
  const id = textOf(params, 'id')
  if (id === '') throw refuse('id is empty')
  survey.blocks.set(id, { status: 'AVAILABLE', done: 0 })
  publishBlock(survey, id, at)
}

function chosen(survey: Survey, target: Target, at: Tick): void {
  const { context, shared, blocks } = survey
  context.event('target').force(targetFields(shared, target, at), at)
  const block = blocks.get(SURVEY_BLOCK)
  if (block === undefined || target.id % TARGETS_PER_EXECUTION !== 0) return
  blocks.set(SURVEY_BLOCK, { ...block, done: block.done + 1 })
  publishBlock(survey, SURVEY_BLOCK, at)
}

function predict(survey: Survey, at: Tick): void {
  const { context, random, on } = survey
  survey.predicted = at.seconds
  publishState(context, 'COMPUTING_PREDICTED_SCHEDULE', at)
  context.event('predictedSchedule').force(predictionOf(random, at), at)
  publishState(context, on ? 'RUNNING' : 'IDLE', at)
}

const publishState = (context: ModelContext, item: string, at: Tick): void =>
  void context.event('detailedState').put({ substate: context.valueOf('DetailedState', item) }, at)

function publishBlock({ context, blocks }: Survey, id: string, at: Tick): undefined {
  const block = blocks.get(id)
  if (block === undefined) throw refuse(`no block '${id}'`)
  const { status, done } = block
  const total = { executionsCompleted: done, executionsTotal: 400 }
  context.event('blockStatus').force({ id, statusId: 1, status, ...total, hash: '', definition: '' }, at)
}

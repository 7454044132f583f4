import { ANONYMOUS } from '@meridian/protocol/commands'
import { taiSecondsOf, utcMsOf } from '@meridian/time'
import { useComputed } from '@preact/signals'
import { Shape } from '../chrome/shape.tsx'
import { exactText } from '../format/exact.ts'
import { clockTextOf, dateTextOf, preciseTextOf } from '../format/stamp.ts'
import { useShell } from '../shell.ts'
import { instanceIdOf } from '../site/instance-model.ts'
import {
  askedAt,
  type CommandEntry,
  isLost,
  isSettled,
  LOOK_UP_TEXT,
  mergedEntries,
  STATE_LABELS,
  type Step,
  shapeOfState,
  stateOf
} from './command-entry.ts'
import { type CommandRecord, stagesPattern } from './command-record.ts'
import { countdownText } from './countdown-text.ts'
import { standingWarningOf } from './stop-warning.ts'

function Countdown({ entry }: { readonly entry: CommandEntry }) {
  const { clock } = useShell()
  const left = useComputed(() => countdownText(entry, taiSecondsOf(clock.siteMs.value)))
  return <span class="number countdown">{left}</span>
}

function StepItem({ step }: { readonly step: Step }) {
  return (
    <li class={`step step-${shapeOfState(step.state)}`} data-state={step.state}>
      <span class="number">{step.time === undefined ? '' : preciseTextOf(step.time)}</span>
      <Shape name={shapeOfState(step.state)} />
      <span>
        <strong>{STATE_LABELS[step.state]}</strong> {step.detail}
      </span>
    </li>
  )
}

const paramsText = (params: Readonly<Record<string, unknown>>): string =>
  Object.entries(params)
    .map(([name, value]) => `${name}=${Array.isArray(value) ? `[${value.length}]` : exactText(value)}`)
    .join(' ')

/** That the record is asked for a command that was lost from sight, which goes on until it tells. */
function LookUp({ id }: { readonly id: string }) {
  return (
    <p class="look-up">
      <code>{id}</code> <span role="status">{LOOK_UP_TEXT}</span>
    </p>
  )
}

interface CommandItemProps {
  readonly entry: CommandEntry
  readonly isOwn: boolean
  /** The newest shows all its stages, and so does whatever is under way. */
  readonly isNewest: boolean
}

/** When it was asked for, with the date where that was not today. */
function AskedAt({ entry }: { readonly entry: CommandEntry }) {
  const { clock } = useShell()
  const utcMs = utcMsOf(askedAt(entry))
  const date = dateTextOf(utcMs)
  const today = useComputed(() => dateTextOf(clock.siteMs.value)).value
  return (
    <span class="number">
      {date === today ? '' : `${date} `}
      {clockTextOf(utcMs)} UTC
    </span>
  )
}

/** Who asked, as far as the record can name anybody. */
function askerText({ principal }: CommandEntry, isOwn: boolean): string {
  if (principal === undefined) return 'this page'
  const who = principal === ANONYMOUS ? 'somebody not logged in (open mode)' : principal
  return `by ${who}${isOwn ? ', this page' : ''}`
}

function CommandItem({ entry, isOwn, isNewest }: CommandItemProps) {
  const state = stateOf(entry)
  const shape = shapeOfState(state)
  const isOpen = isNewest || !isSettled(entry)
  const warning = standingWarningOf(entry)
  return (
    <li class={`command-entry entry-${shape}`} data-command={entry.command}>
      <h4>
        <Shape name={shape} /> {entry.command} {!isSettled(entry) && <Countdown entry={entry} />}
      </h4>
      <p class="quiet-text">
        <AskedAt entry={entry} /> {askerText(entry, isOwn)}
      </p>
      <p class="quiet-text command-params">{paramsText(entry.params)}</p>
      {warning !== undefined && <p class="stop-warning">{warning}</p>}
      <details open={isOpen}>
        <summary>
          <strong class={`step-${shape}`}>{STATE_LABELS[state]}</strong>
        </summary>
        <ol class="steps">
          {entry.steps.map((step, i) => (
            <StepItem key={`${step.state} ${i}`} step={step} />
          ))}
        </ol>
        {!isLost(state) && <p class="quiet-text command-id">id {entry.id}</p>}
      </details>
      {isLost(state) && <LookUp id={entry.id} />}
    </li>
  )
}

type PastOfRecord = CommandRecord['past']['value']

const PAST_TEXTS = {
  reading: 'Reading the record…',
  known: '',
  failed: 'Waiting for the api: commands from before this page was opened are missing.',
  refused: 'You may not read what others send'
} as const

/** What of the record is not there. */
function PastNote({
  past,
  csc,
  index
}: Omit<CommandHistoryProps, 'record'> & { readonly past: PastOfRecord }) {
  const { reading } = useShell()
  const why = useComputed(() => reading.refusalOf([stagesPattern(csc, index)])).value
  const text = PAST_TEXTS[past]
  return text === '' ? null : <p class="calm">{past === 'refused' && why ? `${text}: ${why}.` : text}</p>
}

interface CommandHistoryProps {
  readonly csc: string
  readonly index: number
  readonly record: CommandRecord
}

/** The commands to this instance, everybody's, and how far each got. */
export function CommandHistory({ csc, index, record }: CommandHistoryProps) {
  const { commands } = useShell()
  const target = instanceIdOf(csc, index)
  const own = commands.entries.value.filter(entry => entry.target === target)
  const ownIds = new Set(own.map(({ id }) => id))
  const entries = mergedEntries(record.entries.value, own)
  const past = record.past.value
  return (
    <section class="command-history" aria-label={`Commands to ${target}`}>
      <h3 class="sub-head">Sent by anybody, newest first</h3>
      <PastNote past={past} csc={csc} index={index} />
      {entries.length === 0 && past === 'known' && <p class="calm">None on the record</p>}
      <ul>
        {entries.map((entry, i) => (
          <CommandItem key={entry.id} entry={entry} isOwn={ownIds.has(entry.id)} isNewest={i === 0} />
        ))}
      </ul>
    </section>
  )
}

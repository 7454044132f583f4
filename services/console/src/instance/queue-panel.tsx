import { taiSecondsOf, utcMsOf } from '@meridian/time'
import { useComputed } from '@preact/signals'
import { type ComponentSpec, specOf } from '../catalogue.ts'
import { Shape } from '../chrome/shape.tsx'
import { formatAge } from '../format/age.ts'
import { clockTextOf } from '../format/stamp.ts'
import { PanelFrame, type PanelName } from '../panel.tsx'
import { instanceHref } from '../route.ts'
import { useShell } from '../shell.ts'
import { progressOf, shapeOfScript, stateNameOf } from './queue-progress.ts'
import type { QueueScript, QueueStore } from './queue-store.ts'
import { unreadableQueue } from './unreadable.ts'

interface QueuePanelProps {
  readonly panel: PanelName
  readonly queue: QueueStore
  readonly index: number
}

interface ScriptProps {
  readonly script: QueueScript
  /** The catalogue's facts about Script and ScriptQueue: names of their states. */
  readonly names: ReadonlyArray<ComponentSpec | undefined>
}

const durationText = (seconds: number): string => formatAge(seconds * 1000)

/** What runs: its state, how long it has run, and how far it is by time and by checkpoints. */
function Running({ script, names }: ScriptProps) {
  const { clock } = useShell()
  const { elapsed, share, text } = progressOf(script, taiSecondsOf(clock.siteMs.value))
  return (
    <li class="script script-current">
      <ScriptName script={script} />
      <ScriptState script={script} names={names} />
      <span class="number">{durationText(elapsed)}</span>
      {share !== undefined && (
        <meter class="script-meter" min={0} max={1} value={share} aria-label={`Progress of ${script.path}`} />
      )}
      <span class="quiet-text">{text}</span>
    </li>
  )
}

function ScriptName({ script }: { readonly script: QueueScript }) {
  return (
    <a class="script-name" href={instanceHref('Script', script.index)}>
      <span class="number">{script.index}</span> {script.path === '' ? 'path not known' : script.path}
      {!script.isStandard && <span class="tag">external</span>}
    </a>
  )
}

function ScriptState({ script, names }: ScriptProps) {
  return (
    <span class="script-state">
      <Shape name={shapeOfScript(script)} /> {stateNameOf(script, names)}
    </span>
  )
}

function Waiting({ script, names }: ScriptProps) {
  return (
    <li class="script">
      <ScriptName script={script} />
      <ScriptState script={script} names={names} />
      <span class="quiet-text">
        {script.expectedSeconds > 0 ? `takes about ${durationText(script.expectedSeconds)}` : ''}
      </span>
    </li>
  )
}

function Finished({ script, names }: ScriptProps) {
  const { runStart, processEnd, reason } = script
  return (
    <li class="script">
      <ScriptName script={script} />
      <ScriptState script={script} names={names} />
      <span class="quiet-text">
        {processEnd > 0 && (
          <span class="number">
            ended {clockTextOf(utcMsOf(processEnd))}
            {runStart > 0 && ` after ${durationText(processEnd - runStart)}`}
          </span>
        )}{' '}
        {reason}
      </span>
    </li>
  )
}

function queueText(state: QueueStore['state']['value']): string {
  if (state === undefined) return 'nothing heard of this queue yet'
  if (!state.enabled) return 'not enabled'
  return state.running ? 'running' : 'PAUSED'
}

/** What a script queue runs, what waits, and how the last scripts ended. */
export function QueuePanel({ panel, queue, index }: QueuePanelProps) {
  const { reading } = useShell()
  const unreadable = useComputed(() => unreadableQueue(reading, index)).value
  const names = ['Script', 'ScriptQueue'].map(csc => {
    const spec = specOf(csc).value
    return spec.kind === 'known' ? spec.spec : undefined
  })
  const { current, waiting, finished } = queue.scripts.value
  if (unreadable !== undefined)
    return (
      <PanelFrame panel={panel}>
        <p class="empty">{unreadable}</p>
      </PanelFrame>
    )
  return (
    <PanelFrame panel={panel} note={queueText(queue.state.value)}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section class="queue-lists" tabIndex={0} aria-label="Scripts of the queue">
        <h3 class="sub-head">Running</h3>
        {current.length === 0 && <p class="calm">no script runs</p>}
        <ul>
          {current.map(script => (
            <Running key={script.index} script={script} names={names} />
          ))}
        </ul>
        <h3 class="sub-head">Waiting ({waiting.length})</h3>
        <ol>
          {waiting.map(script => (
            <Waiting key={script.index} script={script} names={names} />
          ))}
        </ol>
        <h3 class="sub-head">Past ({finished.length})</h3>
        <ul>
          {finished.map(script => (
            <Finished key={script.index} script={script} names={names} />
          ))}
        </ul>
      </section>
    </PanelFrame>
  )
}

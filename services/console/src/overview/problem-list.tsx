import { useComputed } from '@preact/signals'
import { Shape } from '../chrome/shape.tsx'
import { useAge } from '../chrome/use-age.ts'
import type { PanelName } from '../panel.tsx'
import { instanceHref } from '../route.ts'
import type { Reading } from '../session/reading.ts'
import { useShell } from '../shell.ts'
import { CONDITION_LABELS, isProblem, urgencyOf } from '../site/condition.ts'
import type { Fleet } from '../site/fleet.ts'
import type { InstanceModel } from '../site/instance-model.ts'
import { noAccessSummary } from '../site/no-access.ts'
import {
  processName,
  type SilentProducer,
  silenceWord,
  silentProducersOf,
  unjudgedText
} from '../site/silent-producers.ts'
import { AttentionList } from './attention-list.tsx'

function Problem({ model }: { readonly model: InstanceModel }) {
  const condition = model.condition.value
  const error = model.error.value
  const age = useAge(() => model.heartbeatMs.value, 'no heartbeat')
  return (
    <li class={`problem problem-${condition}`}>
      <a href={instanceHref(model.csc, model.index)}>
        <Shape name={condition} /> <strong>{model.id}</strong> {CONDITION_LABELS[condition]}{' '}
        {model.isDead.value && condition === 'fault' && 'not heard '}
        {model.isDead.value && <span class="number">{age}</span>}
      </a>
      {condition === 'fault' && error !== undefined && error.code !== 0 && (
        <p title={error.report}>
          error {error.code}: {error.report}
        </p>
      )}
    </li>
  )
}

function SilentProducerItem(silent: SilentProducer) {
  const { process } = silent
  const age = useAge(() => process.beatMs.value, 'for a long time')
  return (
    <li class="problem problem-unjudged">
      <Shape name="unjudged" /> <strong>{processName(process)}</strong> {silenceWord(silent)}{' '}
      {process.isSilent.value && <span class="number">{age}</span>}
      <p>{unjudgedText(silent)}</p>
    </li>
  )
}

interface ProblemListProps {
  readonly panel: PanelName
  readonly fleet: Fleet
}

/** What cannot be said of components, as what would tell may not be read. Reads signals. */
function hiddenIn({ instances }: Fleet, reading: Reading) {
  const hidden = instances.value.filter(({ condition }) => condition.value === 'noaccess')
  const text = noAccessSummary(reading, hidden)
  return { text, isAll: text !== undefined && hidden.length === instances.value.length }
}

/** What somebody has to look at now: producers that are silent, then instances, the most urgent first. */
export function ProblemList({ panel, fleet }: ProblemListProps) {
  const producers = useComputed(() => silentProducersOf(fleet)).value
  const problems = useComputed(() =>
    fleet.instances.value
      .filter(m => isProblem(m.condition.value))
      .sort((a, b) => urgencyOf(a.condition.value) - urgencyOf(b.condition.value))
  ).value
  const { reading } = useShell()
  const { text, isAll } = useComputed(() => hiddenIn(fleet, reading)).value
  return (
    <AttentionList
      panel={panel}
      items={[...producers, ...problems]}
      counted
      refusal={isAll ? text : undefined}
      note={text !== undefined && !isAll && <p class="calm no-access">{text}</p>}
      calm={`${text === undefined ? 'No' : 'No other'} component in FAULT, none silent`}
      render={item =>
        'process' in item ? (
          <SilentProducerItem key={item.process.id} {...item} />
        ) : (
          <Problem key={item.id} model={item} />
        )
      }
    />
  )
}

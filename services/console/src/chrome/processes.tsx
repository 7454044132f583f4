import { taiSecondsOf } from '@meridian/time'
import { useComputed } from '@preact/signals'
import { useShell } from '../shell.ts'
import { PROCESS_KINDS, type ProcessModel } from '../site/processes.ts'
import { isNews, type RefusedNames, refusedNamesText } from '../site/refused-names.ts'
import { componentCount } from '../site/silent-producers.ts'
import { Shape } from './shape.tsx'
import { useAge } from './use-age.ts'

/** What is no longer started under a name beats no more; after so long it is no news, ms. */
const FORGOTTEN_AFTER_MS = 600_000

/** What producers refuse of new names, as far as it is news. */
function useRefusedNames(): readonly RefusedNames[] {
  const { fleet, clock } = useShell()
  return useComputed(() =>
    fleet.refusedNames.all.value.filter(one => isNews(one, taiSecondsOf(clock.siteMs.value)))
  ).value
}

/** What one producer refuses of new names. */
function RefusedNamesLine({ producer }: { readonly producer: number }) {
  const told = useRefusedNames().filter(one => one.producer === producer)
  return told.map(one => (
    <div key={`${one.component} ${one.class}`} class="process-note">
      <Shape name="warning" /> {refusedNamesText(one)}
    </div>
  ))
}

function ProcessLine({ process }: { readonly process: ProcessModel }) {
  const age = useAge(() => process.beatMs.value, 'never heard')
  const carries = process.carries.value
  const silent = process.isSilent.value
  return (
    <li class={silent ? 'process process-silent' : 'process'}>
      <Shape name={silent ? 'silent' : 'enabled'} /> {process.kind} {process.index}{' '}
      <span class="quiet-text">
        {silent ? 'SILENT' : 'alive'} {age}
        {carries !== undefined && ` · carries ${componentCount(carries.instances.size)}`}
        {carries?.others && ' and what no producer names'}
      </span>
      {process.kind === 'Producer' && <RefusedNamesLine producer={process.index} />}
    </li>
  )
}

/**
 * Meridian's own processes as one small word of the header, open for a closer look: they are what the page
 * hears the observatory through, and no components of it.
 */
export function Processes() {
  const { fleet, clock } = useShell()
  const shown = useComputed(() =>
    fleet.processes.all.value.filter(
      ({ beatMs, isSilent }) =>
        beatMs.value !== undefined && (!isSilent.value || clock.ageMs(beatMs.value) < FORGOTTEN_AFTER_MS)
    )
  ).value
  const silent = shown.filter(({ isSilent }) => isSilent.value)
  const isRefusing = useRefusedNames().length > 0
  if (shown.length === 0) return null
  return (
    <details class="processes">
      <summary class={silent.length > 0 || isRefusing ? 'chip chip-warn' : 'fact'}>
        {silent.length > 0 && <Shape name="silent" />}
        <span class="fact-name">processes</span>{' '}
        {silent.length > 0 ? `${silent.length} of ${shown.length} silent` : shown.length}
        {isRefusing && ' · names refused'}
      </summary>
      <ul aria-label="Processes of Meridian">
        {PROCESS_KINDS.flatMap(kind => shown.filter(process => process.kind === kind)).map(process => (
          <ProcessLine key={process.id} process={process} />
        ))}
      </ul>
    </details>
  )
}

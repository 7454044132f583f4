import { Shape } from '../chrome/shape.tsx'
import { useAge } from '../chrome/use-age.ts'
import { OVERVIEW_HREF } from '../route.ts'
import { useShell } from '../shell.ts'
import type { ProcessModel } from '../site/processes.ts'
import { RefusedNamesNotes } from './refused-notes.tsx'

function Pulse({ process }: { readonly process: ProcessModel }) {
  const age = useAge(() => process.beatMs.value, 'never heard')
  const condition = process.isSilent.value ? 'silent' : 'enabled'
  return (
    <>
      <span class={`state state-${condition}`} role="status">
        <Shape name={condition} /> {process.isSilent.value ? 'SILENT' : 'ALIVE'}
      </span>
      <span class="fact">
        <span class="fact-name">heartbeat</span> <span class="number">{age}</span>
      </span>
    </>
  )
}

/** The head of a page of something that is Meridian's own: it has no summary state, and perhaps no heartbeat. */
export function OwnHead({ id, text }: { readonly id: string; readonly text: string }) {
  const { fleet } = useShell()
  const process = fleet.processes.all.value.find(one => one.id === id)
  return (
    <div class="instance-head">
      <a class="back" href={OVERVIEW_HREF} aria-label="Back to overview">
        ‹ Overview
      </a>
      <h1>{id}</h1>
      {process !== undefined && <Pulse process={process} />}
      <span class="fact">{text}</span>
      {process?.kind === 'Producer' && (
        <RefusedNamesNotes isWanted={({ producer }) => producer === process.index} />
      )}
    </div>
  )
}

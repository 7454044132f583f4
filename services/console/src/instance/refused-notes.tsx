import { taiSecondsOf } from '@meridian/time'
import { useComputed } from '@preact/signals'
import { Shape } from '../chrome/shape.tsx'
import { preciseTextOf } from '../format/stamp.ts'
import { useShell } from '../shell.ts'
import { refusedText } from '../site/refused-data.ts'
import { isNews, type RefusedNames, refusedNamesText } from '../site/refused-names.ts'

/** What producers refused of this instance, for whoever misses it on the page. */
export function RefusedNotes({ id }: { readonly id: string }) {
  const { fleet, clock } = useShell()
  const told = useComputed(() => fleet.refusedData.byId.value.get(id) ?? []).value
  return told.map(one => {
    const note = refusedText(one, taiSecondsOf(clock.siteMs.value))
    if (note === undefined) return null
    return (
      <span key={one.producer} class={note.isOver ? 'fact refused-data' : 'chip chip-warn refused-data'}>
        {!note.isOver && <Shape name="warning" />} data refused: {note.text}{' '}
        <span class="number">{preciseTextOf(one.time).slice(0, 8)} UTC</span>
      </span>
    )
  })
}

/** New names that producers refused lately, of those that `isWanted` picks. */
export function RefusedNamesNotes({ isWanted }: { readonly isWanted: (told: RefusedNames) => boolean }) {
  const { fleet, clock } = useShell()
  const told = useComputed(() =>
    fleet.refusedNames.all.value.filter(one => isWanted(one) && isNews(one, taiSecondsOf(clock.siteMs.value)))
  ).value
  return told.map(one => (
    <span key={`${one.producer} ${one.component} ${one.class}`} class="chip chip-warn refused-data">
      <Shape name="warning" /> {refusedNamesText(one)}; told{' '}
      <span class="number">{preciseTextOf(one.time).slice(0, 8)} UTC</span>
    </span>
  ))
}

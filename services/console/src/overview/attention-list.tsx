import type { ComponentChildren } from 'preact'
import type { PanelName } from '../panel.tsx'
import { useShell } from '../shell.ts'

interface AttentionListProps<T> {
  readonly panel: PanelName
  readonly items: readonly T[]
  /** Shows how many there are beside the title. */
  readonly counted?: boolean
  /** What is said while there are none, as far as the link lets anybody know. */
  readonly calm: ComponentChildren
  /** Why it may not be read who needs attention, in words; undefined where it may. */
  readonly refusal?: string | undefined
  /** What the list leaves out. */
  readonly note?: ComponentChildren
  /** Draws one item; the key of what it gives tells items apart. */
  readonly render: (item: T) => ComponentChildren
}

/**
 * One part of the bar beside the tiles: a list under its title, or a calm word. An empty list says that it is
 * not known whether there is anything while the link is not sound, and where it may not be read.
 */
export function AttentionList<T>(props: AttentionListProps<T>) {
  const { panel, items, counted = false, calm, refusal, note, render } = props
  const { name, title } = panel
  const isSound = useShell().connection.health.value.kind === 'sound'
  const isKnown = (isSound && refusal === undefined) || items.length > 0
  const unknown = refusal ?? 'Not known: there is no sound link to the observatory'
  return (
    <section class={`rail-part rail-${name}`} aria-label={title}>
      <h2>
        {title} {counted && <span class="group-count">{isKnown ? items.length : '?'}</span>}
      </h2>
      {note}
      {items.length === 0 ? (
        <p class="calm">{isKnown ? calm : unknown}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by keyboard
        <ul class="scroll" tabIndex={0}>
          {items.map(render)}
        </ul>
      )}
    </section>
  )
}

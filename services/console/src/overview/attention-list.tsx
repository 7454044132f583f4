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
  /** Draws one item; the key of what it gives tells items apart. */
  readonly render: (item: T) => ComponentChildren
}

/**
 * One part of the bar beside the tiles: a list under its title, or a calm word. An empty list says that it is
 * not known whether there is anything while the link is not sound.
 */
export function AttentionList<T>({ panel, items, counted = false, calm, render }: AttentionListProps<T>) {
  const { name, title } = panel
  const isKnown = useShell().connection.health.value.kind === 'sound' || items.length > 0
  return (
    <section class={`rail-part rail-${name}`} aria-label={title}>
      <h2>
        {title} {counted && <span class="group-count">{isKnown ? items.length : '?'}</span>}
      </h2>
      {items.length === 0 ? (
        <p class="calm">{isKnown ? calm : 'Not known: there is no sound link to the observatory'}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by keyboard
        <ul class="scroll" tabIndex={0}>
          {items.map(render)}
        </ul>
      )}
    </section>
  )
}

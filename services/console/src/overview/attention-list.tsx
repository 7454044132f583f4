import type { ComponentChildren } from 'preact'
import type { PanelName } from '../panel.tsx'

interface AttentionListProps<T> {
  readonly panel: PanelName
  readonly items: readonly T[]
  /** Shows how many there are beside the title. */
  readonly counted?: boolean
  /** What is said while there are none. */
  readonly calm: ComponentChildren
  /** Draws one item; the key of what it gives tells items apart. */
  readonly render: (item: T) => ComponentChildren
}

/** One part of the bar beside the tiles: a list under its title, or a calm word. */
export function AttentionList<T>({ panel, items, counted = false, calm, render }: AttentionListProps<T>) {
  const { name, title } = panel
  return (
    <section class={`rail-part rail-${name}`} aria-label={title}>
      <h2>
        {title} {counted && <span class="group-count">{items.length}</span>}
      </h2>
      {items.length === 0 ? (
        <p class="calm">{calm}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by keyboard
        <ul class="scroll" tabIndex={0}>
          {items.map(render)}
        </ul>
      )}
    </section>
  )
}

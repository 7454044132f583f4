import { useComputed, useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { useGrowing } from '../after-paint.ts'
import { useShell } from '../shell.ts'
import { arrange, type Section } from '../site/arrange.ts'
import { headingsOf, subsystemOf } from '../site/site-facts.ts'
import { type Direction, isDirection, nextTile } from './grid-keys.ts'
import { clearFilter, filter } from './overview-filter.ts'
import { Tile } from './tile.tsx'

function focusNeighbour(grid: HTMLElement, from: Element, direction: Direction): void {
  const tiles = [...grid.querySelectorAll<HTMLElement>('.tile')]
  const boxes = tiles.map(tile => {
    const { left, top } = tile.getBoundingClientRect()
    return { left: Math.round(left), top: Math.round(top) }
  })
  const at = tiles.indexOf(from as HTMLElement)
  if (at >= 0) tiles[nextTile(boxes, at, direction)]?.focus()
}

/** The sections of which the first `most` tiles are part, each with how many of its own that are. */
function sectionsUpTo<T>(sections: ReadonlyArray<Section<T>>, most: number) {
  let left = most
  return sections.flatMap(section => {
    const drawn = Math.min(left, section.items.length)
    left -= drawn
    return drawn === 0 ? [] : [{ ...section, drawn }]
  })
}

/** Tiles drawn at once while the page opens: more would make one task too long. */
const TILES_AT_ONCE = 40

/** All tiles under their headings. One tile is in the tab order; arrows move among the others. */
export function TileGrid() {
  const { fleet, site } = useShell()
  const grid = useRef<HTMLDivElement>(null)
  const current = useSignal<string | undefined>(undefined)
  const sections = useComputed(() =>
    arrange(
      fleet.instances.value,
      {
        conditionOf: model => model.condition.value,
        subsystemOf: model => subsystemOf(site.value, model.csc),
        headings: headingsOf(site.value)
      },
      filter.value
    )
  ).value
  const shown = sections.flatMap(section => section.items)
  const drawn = useGrowing(TILES_AT_ONCE, shown.length).value
  const sketched = sectionsUpTo(sections, drawn)
  const entry = shown.find(m => m.id === current.value)?.id ?? shown[0]?.id

  function onKeyDown(event: KeyboardEvent): void {
    const tile = (event.target as Element).closest('.tile')
    if (tile === null || !isDirection(event.key) || grid.current === null) return
    event.preventDefault()
    focusNeighbour(grid.current, tile, event.key)
  }

  function onFocus(event: FocusEvent): void {
    current.value = (event.target as HTMLElement).closest<HTMLElement>('.tile')?.dataset['id']
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the links inside are the controls; arrows only move the focus between them
    <div class="grid" ref={grid} onKeyDown={onKeyDown} onFocusCapture={onFocus}>
      {sketched.map(section => (
        <section class="group" key={section.subsystem} aria-label={section.subsystem}>
          <h2>
            {section.subsystem} <span class="group-count">{section.items.length}</span>
          </h2>
          <div class="tiles">
            {section.items.slice(0, section.drawn).map(model => (
              <Tile key={model.id} model={model} focusable={model.id === entry} />
            ))}
          </div>
        </section>
      ))}
      {shown.length === 0 && (
        <p class="empty">
          Nothing matches.{' '}
          <button type="button" onClick={clearFilter}>
            Show all
          </button>
        </p>
      )}
    </div>
  )
}

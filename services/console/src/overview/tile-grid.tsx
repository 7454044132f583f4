import { useComputed, useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { useShell } from '../shell.ts'
import { arrange } from '../site/arrange.ts'
import { type Direction, isDirection, nextTile } from './grid-keys.ts'
import { Tile } from './tile.tsx'
import { clearWish, wish } from './wish-state.ts'

function focusNeighbour(grid: HTMLElement, from: Element, direction: Direction): void {
  const tiles = [...grid.querySelectorAll<HTMLElement>('.tile')]
  const boxes = tiles.map(tile => {
    const { left, top } = tile.getBoundingClientRect()
    return { left: Math.round(left), top: Math.round(top) }
  })
  const at = tiles.indexOf(from as HTMLElement)
  if (at >= 0) tiles[nextTile(boxes, at, direction)]?.focus()
}

/** All tiles under their headings. One tile is in the tab order; arrows move among the others. */
export function TileGrid() {
  const { fleet } = useShell()
  const grid = useRef<HTMLDivElement>(null)
  const current = useSignal<string | undefined>(undefined)
  const sections = useComputed(() => arrange(fleet.instances.value, m => m.condition.value, wish.value)).value
  const shown = sections.flatMap(section => section.items)
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
      {sections.map(section => (
        <section class="group" key={section.subsystem} aria-label={section.subsystem}>
          <h2>
            {section.subsystem} <span class="group-count">{section.items.length}</span>
          </h2>
          <div class="tiles">
            {section.items.map(model => (
              <Tile key={model.id} model={model} focusable={model.id === entry} />
            ))}
          </div>
        </section>
      ))}
      {shown.length === 0 && (
        <p class="empty">
          Nothing matches.{' '}
          <button type="button" onClick={clearWish}>
            Show all
          </button>
        </p>
      )}
    </div>
  )
}

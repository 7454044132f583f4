import { useEffect } from 'preact/hooks'
import { useShell } from '../shell.ts'
import { FilterBar } from './filter-bar.tsx'
import { OVERVIEW_PANELS } from './overview-panels.ts'
import { TileGrid } from './tile-grid.tsx'

/**
 * The whole site at a glance: a bar of filters, a tile for each instance, and the panels of
 * `OVERVIEW_PANELS`.
 */
export function Overview() {
  const { fleet } = useShell()
  useEffect(() => {
    document.title = 'Meridian: overview'
  }, [])
  return (
    <div class="overview">
      <h1 class="hidden-visually">Overview of all components</h1>
      <FilterBar />
      <TileGrid />
      <aside class="rail" aria-label="Attention">
        {OVERVIEW_PANELS.map(panel => panel.render(fleet))}
      </aside>
    </div>
  )
}

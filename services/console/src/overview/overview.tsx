import { useEffect } from 'preact/hooks'
import { Rail } from './rail.tsx'
import { Strip } from './strip.tsx'
import { TileGrid } from './tile-grid.tsx'

/** The whole site at a glance. */
export function Overview() {
  useEffect(() => {
    document.title = 'Meridian: overview'
  }, [])
  return (
    <div class="overview">
      <h1 class="hidden-visually">Overview of all components</h1>
      <Strip />
      <TileGrid />
      <Rail />
    </div>
  )
}

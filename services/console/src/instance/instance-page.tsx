import { useComputed } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { useGrowing } from '../after-paint.ts'
import { StopBar } from '../command/stop-bar.tsx'
import { PanelBoundary } from '../panel-boundary.tsx'
import { useShell } from '../shell.ts'
import { instanceIdOf } from '../site/instance-model.ts'
import { ownTextOf } from '../site/own-component.ts'
import { createInstanceFeed } from './instance-feed.ts'
import { InstanceHead } from './instance-head.tsx'
import { COLUMNS, INSTANCE_PANELS, type InstanceView } from './instance-panels.ts'
import { OwnHead } from './own-head.tsx'

interface InstancePageProps {
  readonly csc: string
  readonly index: number
}

/**
 * Everything about one instance: how it fares, its stops, and the panels of `INSTANCE_PANELS`. While nothing
 * of it is heard the page is marked as a whole, so that its last values do not look like present ones.
 */
export function InstancePage({ csc, index }: InstancePageProps) {
  const shell = useShell()
  const id = instanceIdOf(csc, index)
  const feed = useMemo(() => createInstanceFeed(csc, index, shell), [id])
  const drawn = useGrowing(1, INSTANCE_PANELS.length).value
  const model = useComputed(() => shell.fleet.instances.value.find(instance => instance.id === id)).value
  const isForgotten = useComputed(() => shell.fleet.forgotten.value.has(id)).value
  const own = ownTextOf(csc)
  const { store, log, plot, record, queue } = feed
  const view: InstanceView = {
    csc,
    index,
    spec: feed.spec.value,
    model,
    store,
    log,
    past: feed.past.value,
    plot,
    record,
    queue
  }

  useEffect(() => {
    document.title = `Meridian: ${id}`
    return feed.open()
  }, [id])

  return (
    <div class={model?.isOld.value || isForgotten ? 'instance instance-dead' : 'instance'}>
      {/* First, so that nothing above it grows when a note comes: a stop is where it was. */}
      <PanelBoundary title="Stop">
        <StopBar csc={csc} index={index} spec={view.spec} model={model} />
      </PanelBoundary>
      <PanelBoundary title="State">
        {own === undefined ? <InstanceHead model={model} id={id} /> : <OwnHead id={id} text={own} />}
      </PanelBoundary>
      {COLUMNS.map(column => (
        <div class="column" key={column}>
          {INSTANCE_PANELS.map((panel, i) => {
            const { share, narrow } = panel
            const height = narrow.heightPx === undefined ? 'auto' : `${narrow.heightPx}px`
            const style = { flexGrow: share, '--narrow-order': narrow.order, '--narrow-height': height }
            return (
              panel.column === column &&
              (panel.onlyOf ?? csc) === csc && (
                <div class="place" key={panel.name} style={style}>
                  {i < drawn && panel.render(view)}
                </div>
              )
            )
          })}
        </div>
      ))}
    </div>
  )
}

import type { SpecState } from '../catalogue.ts'
import { CommandPanel } from '../command/command-panel.tsx'
import type { CommandRecord } from '../command/command-record.ts'
import { type Panel, panel } from '../panel.tsx'
import { PlotPanel } from '../plot/plot-panel.tsx'
import type { PlotStore } from '../plot/plot-store.ts'
import type { InstanceModel } from '../site/instance-model.ts'
import type { EventLog } from './event-log.ts'
import { EventLogPanel } from './event-log-panel.tsx'
import type { PastState } from './past-events.ts'
import { QueuePanel } from './queue-panel.tsx'
import type { QueueStore } from './queue-store.ts'
import type { TopicStore } from './topic-store.ts'
import { TopicTable } from './topic-table.tsx'

/** What the page of one instance has for its panels. */
export interface InstanceView {
  readonly csc: string
  readonly index: number
  /** The facts of the catalogue about the component, as far as they have come. */
  readonly spec: SpecState
  /** What is known of the instance; undefined until it is heard or named by the site. */
  readonly model: InstanceModel | undefined
  readonly store: TopicStore
  readonly log: EventLog
  readonly past: PastState
  readonly plot: PlotStore
  readonly record: CommandRecord
  readonly queue: QueueStore
}

/** Columns of the page from left to right. */
export const COLUMNS = ['left', 'middle', 'right'] as const

/** Where a panel stands on a wide screen and on a narrow one. */
export interface PanelPlace {
  readonly column: (typeof COLUMNS)[number]
  /** Its share of the column's height. */
  readonly share: number
  /**
   * On a narrow screen all panels stand below each other: in this order, so high; without a height as high as
   * its content.
   */
  readonly narrow: { readonly order: number; readonly heightPx?: number }
  /** Of which component the panel tells; undefined: of every one. */
  readonly onlyOf?: string
}

const componentOf = (spec: SpecState) => (spec.kind === 'known' ? spec.spec : undefined)

/**
 * All panels of an instance's page. They are drawn in this order, each after the one before has been painted.
 */
export const INSTANCE_PANELS: ReadonlyArray<Panel<InstanceView> & PanelPlace> = [
  {
    column: 'left',
    share: 1,
    narrow: { order: 3, heightPx: 520 },
    ...panel({
      name: 'topics',
      title: 'Values',
      needs: ({ store, spec, plot, csc, index, model }: InstanceView) => ({
        store,
        component: componentOf(spec),
        plot,
        csc,
        index,
        model
      }),
      View: TopicTable
    })
  },
  {
    column: 'middle',
    share: 14,
    narrow: { order: 2, heightPx: 460 },
    onlyOf: 'ScriptQueue',
    ...panel({
      name: 'queue',
      title: 'Queue',
      needs: ({ queue, index }: InstanceView) => ({ queue, index }),
      View: QueuePanel
    })
  },
  {
    column: 'middle',
    share: 11,
    narrow: { order: 2, heightPx: 420 },
    ...panel({
      name: 'plot',
      title: 'Plot',
      needs: ({ plot, model }: InstanceView) => ({ plot, model }),
      View: PlotPanel
    })
  },
  {
    column: 'middle',
    share: 9,
    narrow: { order: 4, heightPx: 380 },
    ...panel({
      name: 'log',
      title: 'Events',
      needs: ({ log, past, spec }: InstanceView) => ({ log, past, component: componentOf(spec) }),
      View: EventLogPanel
    })
  },
  {
    column: 'right',
    share: 1,
    narrow: { order: 1 },
    ...panel({
      name: 'commands',
      title: 'Commands',
      needs: ({ csc, index, spec, model, record, store }: InstanceView) => ({
        csc,
        index,
        spec,
        model,
        record,
        store
      }),
      View: CommandPanel
    })
  }
]

import { useComputed, useSignal } from '@preact/signals'
import type { ComponentSpec } from '../catalogue.ts'
import { SearchField } from '../chrome/search-field.tsx'
import { PanelFrame, type PanelName } from '../panel.tsx'
import type { PlotStore } from '../plot/plot-store.ts'
import { useShell } from '../shell.ts'
import type { InstanceModel } from '../site/instance-model.ts'
import { LastValues } from '../site/last-values.tsx'
import { ROW_PX } from './row-height.ts'
import { type Row, type RowFilter, rowsOf } from './rows.ts'
import { showTimestamps, timestampsShown } from './timestamp-fields.ts'
import { TopicRow } from './topic-row.tsx'
import type { TopicStore } from './topic-store.ts'
import { unreadableValues } from './unreadable.ts'
import { ElementRow, FieldRow } from './value-rows.tsx'
import { VirtualList } from './virtual-list.tsx'

interface TopicTableProps {
  readonly panel: PanelName
  readonly store: TopicStore
  readonly component: ComponentSpec | undefined
  readonly plot: PlotStore
  readonly csc: string
  readonly index: number
  /** The instance itself; undefined while nothing is known of it. */
  readonly model: InstanceModel | undefined
}

const toggled = (set: ReadonlySet<string>, id: string): ReadonlySet<string> => {
  const next = new Set(set)
  if (!next.delete(id)) next.add(id)
  return next
}

/** All topics of the instance with all their fields, live. */
export function TopicTable({ panel, store, component, plot, csc, index, model }: TopicTableProps) {
  const { reading } = useShell()
  const unreadable = useComputed(() => unreadableValues(reading, csc, index)).value
  const filter = useSignal<Omit<RowFilter, 'timestamps'>>({
    closedTopics: new Set(),
    openArrays: new Set(),
    search: ''
  })
  // Not a computed signal: the catalogue comes as a prop, and may come last.
  const rows = rowsOf(store.topics.value, component, { ...filter.value, timestamps: timestampsShown.value })

  function filterBy(part: Partial<RowFilter>): void {
    filter.value = { ...filter.peek(), ...part }
  }

  function toggle(row: Row): void {
    const { closedTopics, openArrays } = filter.peek()
    if (row.kind === 'topic') filterBy({ closedTopics: toggled(closedTopics, row.id) })
    else filterBy({ openArrays: toggled(openArrays, row.id) })
  }

  function closeAll(): void {
    const { closedTopics } = filter.peek()
    const all = store.topics.peek().map(topic => topic.subject)
    filterBy({ closedTopics: new Set(closedTopics.size > 0 ? [] : all) })
  }

  function render(row: Row) {
    if (row.kind === 'topic') return <TopicRow key={row.id} row={row} onToggle={() => toggle(row)} />
    if (row.kind === 'element') return <ElementRow key={row.id} row={row} component={component} plot={plot} />
    return <FieldRow key={row.id} row={row} component={component} plot={plot} onToggle={() => toggle(row)} />
  }

  const tools = (
    <>
      <button type="button" class="quiet" onClick={closeAll}>
        {filter.value.closedTopics.size > 0 ? 'Open all' : 'Close all'}
      </button>
      <label class="check" title="Fields that only say when other fields were measured">
        <input
          type="checkbox"
          checked={timestampsShown.value}
          onChange={event => showTimestamps(event.currentTarget.checked)}
        />
        Timestamps
      </label>
      <SearchField
        value={filter.value.search}
        placeholder="topic or field"
        onSearch={search => filterBy({ search })}
      />
    </>
  )

  const note = (
    <>
      {store.topics.value.length} topics <LastValues model={model} />
    </>
  )

  return (
    <PanelFrame panel={panel} note={note} tools={tools}>
      <div class="values">
        <VirtualList items={rows} rowPx={ROW_PX} label="Topics and fields" render={render} />
      </div>
      {unreadable !== undefined && <p class="log-past quiet-text">{unreadable}</p>}
      {store.topics.value.length === 0 && unreadable === undefined && (
        <p class="empty">Nothing has been heard of this component yet.</p>
      )}
    </PanelFrame>
  )
}

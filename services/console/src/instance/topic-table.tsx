import { useSignal } from '@preact/signals'
import type { ComponentSpec } from '../catalogue.ts'
import type { PlotStore } from '../plot/plot-store.ts'
import { ROW_PX } from './row-height.ts'
import { type Row, type RowWish, rowsOf } from './rows.ts'
import { showTimestamps, timestampsShown } from './timestamp-fields.ts'
import { TopicRow } from './topic-row.tsx'
import type { TopicStore } from './topic-store.ts'
import { ElementRow, FieldRow } from './value-rows.tsx'
import { VirtualList } from './virtual-list.tsx'

interface TopicTableProps {
  readonly store: TopicStore
  readonly component: ComponentSpec | undefined
  readonly plot: PlotStore
}

const toggled = (set: ReadonlySet<string>, id: string): ReadonlySet<string> => {
  const next = new Set(set)
  if (!next.delete(id)) next.add(id)
  return next
}

/** All topics of the instance with all their fields, live. */
export function TopicTable({ store, component, plot }: TopicTableProps) {
  const wish = useSignal<Omit<RowWish, 'timestamps'>>({
    closedTopics: new Set(),
    openArrays: new Set(),
    search: ''
  })
  // Not a computed signal: the catalogue comes as a prop, and may come last.
  const rows = rowsOf(store.topics.value, component, { ...wish.value, timestamps: timestampsShown.value })

  function toggle(row: Row): void {
    const { closedTopics, openArrays } = wish.peek()
    if (row.kind === 'topic') wish.value = { ...wish.peek(), closedTopics: toggled(closedTopics, row.id) }
    else wish.value = { ...wish.peek(), openArrays: toggled(openArrays, row.id) }
  }

  function closeAll(): void {
    const { closedTopics } = wish.peek()
    const all = store.topics.peek().map(topic => topic.subject)
    wish.value = { ...wish.peek(), closedTopics: new Set(closedTopics.size > 0 ? [] : all) }
  }

  function render(row: Row) {
    if (row.kind === 'topic') return <TopicRow key={row.id} row={row} onToggle={() => toggle(row)} />
    if (row.kind === 'element') return <ElementRow key={row.id} row={row} component={component} plot={plot} />
    return <FieldRow key={row.id} row={row} component={component} plot={plot} onToggle={() => toggle(row)} />
  }

  return (
    <section class="panel topics" aria-label="Values">
      <div class="panel-head">
        <h2>
          Values <span class="group-count">{store.topics.value.length} topics</span>
        </h2>
        <button type="button" class="quiet" onClick={closeAll}>
          {wish.value.closedTopics.size > 0 ? 'Open all' : 'Close all'}
        </button>
        <label class="check" title="Fields that only say when other fields were measured">
          <input
            type="checkbox"
            checked={timestampsShown.value}
            onChange={event => showTimestamps(event.currentTarget.checked)}
          />
          Timestamps
        </label>
        <label class="search">
          Find
          <input
            type="search"
            placeholder="topic or field"
            value={wish.value.search}
            onInput={event => {
              wish.value = { ...wish.peek(), search: event.currentTarget.value }
            }}
          />
        </label>
      </div>
      <VirtualList items={rows} rowPx={ROW_PX} label="Topics and fields" render={render} />
      {store.topics.value.length === 0 && <p class="empty">Nothing has been heard of this component yet.</p>}
    </section>
  )
}

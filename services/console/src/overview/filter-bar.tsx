import { useComputed } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { Shape } from '../chrome/shape.tsx'
import { useShell } from '../shell.ts'
import { CONDITION_LABELS, CONDITIONS, type Condition } from '../site/condition.ts'
import { countConditions } from '../site/counts.ts'
import { clearFilter, filter, filterBy, toggleCondition } from './overview-filter.ts'

interface CountProps {
  readonly condition: Condition
  readonly count: number
}

function CountButton({ condition, count }: CountProps) {
  const pressed = filter.value.conditions.has(condition)
  return (
    <button
      type="button"
      class={`count count-${condition}${count === 0 ? ' count-none' : ''}`}
      aria-pressed={pressed}
      onClick={() => toggleCondition(condition)}
    >
      <Shape name={condition} />
      <span class="count-number">{count}</span> {CONDITION_LABELS[condition]}
    </button>
  )
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)

function Search() {
  const box = useRef<HTMLInputElement>(null)
  // Before the page is painted: a key that is pressed as soon as it is seen must not be lost.
  useLayoutEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.key === '/' && !isTyping(event.target)) {
        event.preventDefault()
        box.current?.select()
      } else if (event.key === 'Escape') {
        clearFilter()
        box.current?.blur()
      }
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])

  /** Enter opens what is found first. */
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'Enter') document.querySelector<HTMLElement>('.tile')?.click()
    if (event.key === 'ArrowDown') document.querySelector<HTMLElement>('.tile')?.focus()
  }

  return (
    <label class="search">
      Search <kbd>/</kbd>
      <input
        ref={box}
        type="search"
        value={filter.value.search}
        placeholder="name or index"
        onInput={event => filterBy({ search: event.currentTarget.value })}
        onKeyDown={onKeyDown}
      />
    </label>
  )
}

/** Counts per condition, which are filters too; search; order. */
export function FilterBar() {
  const { fleet } = useShell()
  const counts = useComputed(() => countConditions(fleet.instances.value.map(m => m.condition.value))).value
  return (
    <div class="strip" role="toolbar" aria-label="Filter of the overview">
      <span class="strip-total">{fleet.instances.value.length} instances</span>
      {CONDITIONS.filter(one => one !== 'noaccess' || counts[one] > 0).map(condition => (
        <CountButton key={condition} condition={condition} count={counts[condition]} />
      ))}
      <label class="check">
        <input
          type="checkbox"
          checked={filter.value.problemsFirst}
          onChange={event => filterBy({ problemsFirst: event.currentTarget.checked })}
        />
        Problems first
      </label>
      <Search />
    </div>
  )
}

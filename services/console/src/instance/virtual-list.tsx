import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { visibleRange } from './visible-range.ts'

interface VirtualListProps<T> {
  readonly items: readonly T[]
  readonly rowPx: number
  readonly label: string
  readonly render: (item: T) => ComponentChildren
}

/** A scrolling list of equally high lines that draws only those in sight, however many there are. */
export function VirtualList<T>({ items, rowPx, label, render }: VirtualListProps<T>) {
  const box = useRef<HTMLDivElement>(null)
  const scrollTop = useSignal(0)
  const heightPx = useSignal(600)

  useLayoutEffect(() => {
    const element = box.current as HTMLDivElement
    const observer = new ResizeObserver(() => {
      heightPx.value = element.clientHeight
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  const [first, end] = visibleRange(scrollTop.value, heightPx.value, rowPx, items.length)
  return (
    <section
      class="virtual"
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={label}
      onScroll={event => {
        scrollTop.value = event.currentTarget.scrollTop
      }}
    >
      <div class="virtual-all" style={{ height: `${items.length * rowPx}px` }}>
        <div class="virtual-part" style={{ transform: `translateY(${first * rowPx}px)` }}>
          {items.slice(first, end).map(render)}
        </div>
      </div>
    </section>
  )
}

import { CLOCK_TOLERANCE_SECONDS } from '@meridian/time'
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Connection } from '../connection.ts'
import type { PageClock } from '../page-clock.ts'
import { type FieldRef, fieldNameOf, isSameField } from './field-ref.ts'
import type { PlotChoice } from './plot-choice.ts'
import { type AskedSpan, createPlotSeries, type PlotSeries } from './plot-series.ts'
import { type Bounds, boundsOf, type PlotWindow } from './plot-window.ts'

/** The fields that are plotted, and the window on them. */
export interface PlotStore {
  readonly series: ReadonlySignal<readonly PlotSeries[]>
  readonly window: Signal<PlotWindow>
  /** The moment that a person points at, TAI seconds. */
  readonly cursor: Signal<number | undefined>
  /** Why the field that was chosen last is not plotted. */
  readonly refusal: ReadonlySignal<string | undefined>
  /** Counts changes of the data, so that a drawing knows when it is old. */
  readonly version: ReadonlySignal<number>
  /** True once fields were chosen, by a person or for one; taking the last one out is a choice too. */
  isBegun(): boolean
  /** Plots fields that nobody asked for; does nothing once there was a choice. */
  begin(fields: readonly FieldRef[]): void
  has(field: FieldRef): boolean
  /**
   * Takes a field out, or puts it in; `refusal` says why where it cannot. A line that began by itself less than
   * 1.5 s ago stays: whoever pressed did not see it yet, and wanted it.
   */
  toggle(field: FieldRef): void
  remove(series: PlotSeries): void
  /** Shows another window; history that it needs is fetched. */
  show(window: PlotWindow): void
  /** Goes back to the present, with the span that was shown last. */
  resume(): void
  close(): void
}

/** As many lines as can be told apart. */
const MOST_SERIES = 6
/** As many axes as leave room for the lines. */
const MOST_UNITS = 3

/** How long a window must stand still before its history is fetched, ms. */
const FILL_REST_MS = 250

/** History is fetched for a little more than the window, so that lines are drawn up to its edges. */
const MARGIN = 0.05
const LEAST_MARGIN_SECONDS = 2

/** Lengths of the live window on offer, seconds. */
export const SPANS = [60, 300, 900, 3600] as const

/** The span that a plot begins with, seconds. */
const FIRST_SPAN = 300

const find = (all: readonly PlotSeries[], field: FieldRef): PlotSeries | undefined =>
  all.find(one => isSameField(one, field))

/** The first colour that no series has. */
function freeColour(all: readonly PlotSeries[]): number {
  const colours = Array.from({ length: MOST_SERIES }, (_, i) => i)
  return colours.find(colour => all.every(one => one.colour !== colour)) ?? 0
}

/** Why a field cannot be put beside those that are plotted; undefined where it can. */
export function refusalOf(all: ReadonlyArray<Pick<FieldRef, 'units'>>, field: FieldRef): string | undefined {
  const name = fieldNameOf(field)
  if (all.length >= MOST_SERIES)
    return `${name} is not plotted: ${MOST_SERIES} lines are the most that can be told apart; take one out first`
  const units = new Set(all.map(one => one.units || 'no unit'))
  if (units.size < MOST_UNITS || units.has(field.units || 'no unit')) return undefined
  return `${name} is not plotted: there is room for ${MOST_UNITS} axes, which show ${[...units].join(', ')}; take a line out first`
}

/** What a person chose so far; each further choice is told. */
function createMemory(before: PlotChoice, tell: (choice: PlotChoice) => void) {
  let chosen = before
  return {
    spanSeconds: (): number => chosen.spanSeconds ?? FIRST_SPAN,
    choose(part: PlotChoice): void {
      chosen = { ...chosen, ...part }
      tell(chosen)
    }
  }
}

/** So long, ms, a line that came by itself is taken for one that whoever presses its field has not seen. */
const UNSEEN_MS = 1500

/** What was received by now may be shown so much later, by a clock that is ahead within its tolerance, seconds. */
const AHEAD_SECONDS = 2 * CLOCK_TOLERANCE_SECONDS

/** What is fetched for a window; one that ends at the present with all that was received so far. */
export function spanToFetch({ from, to }: Bounds, nowTai: number): AskedSpan {
  const margin = Math.max(LEAST_MARGIN_SECONDS, (to - from) * MARGIN)
  const end = to + margin < nowTai ? to + margin : Math.max(to, nowTai) + AHEAD_SECONDS
  return { from: from - margin, to: end, nowTai }
}

/** What a plot is made from, and whom it tells of choices. */
export interface PlotStoreOptions {
  readonly connection: Pick<Connection, 'subscribe'>
  readonly clock: PageClock
  /** What was chosen before; its fields are plotted at once. */
  readonly choice: PlotChoice
  /** Told of each choice that a person makes. */
  onChoice(choice: PlotChoice): void
}

/** What the lines of a plot are made from. */
interface LinesParts extends Pick<PlotStoreOptions, 'connection' | 'clock'> {
  readonly window: ReadonlySignal<PlotWindow>
}

/** The lines of a plot, each live and with the history of the window. */
function createLines({ connection, clock, window }: LinesParts) {
  const series = signal<readonly PlotSeries[]>([])
  const refusal = signal<string | undefined>(undefined)
  const version = signal(0)

  function changed(): void {
    version.value = version.peek() + 1
  }

  function fill(one: PlotSeries): void {
    const nowTai = clock.siteTai()
    void one.fill(spanToFetch(boundsOf(window.peek(), nowTai), nowTai))
  }

  function fillAll(): void {
    for (const one of series.peek()) fill(one)
  }

  function remove(one: PlotSeries): void {
    one.close()
    refusal.value = undefined
    series.value = series.peek().filter(other => other !== one)
  }

  function follow(one: PlotSeries): void {
    const patterns = [{ pattern: one.subject, quality: 'all' as const, fields: [one.field] }]
    one.follow(connection.subscribe(patterns, { onData: one.take, onLive: () => fill(one) }))
  }

  function add(field: FieldRef): void {
    refusal.value = refusalOf(series.peek(), field)
    if (refusal.peek() !== undefined) return
    const one = createPlotSeries(field, { colour: freeColour(series.peek()), changed })
    follow(one)
    series.value = [...series.peek(), one]
  }

  return { series, refusal, version, fillAll, remove, add }
}

/** Calls `work` once nobody has asked for it during a rest. */
function createRest(work: () => void, restMs: number) {
  let timer: ReturnType<typeof setTimeout> | undefined
  function soon(): void {
    clearTimeout(timer)
    timer = setTimeout(work, restMs)
  }
  return { soon, cancel: () => clearTimeout(timer) }
}

/** Creates a plot of what was chosen before, else without fields. */
export function createPlotStore({ connection, clock, choice, onChoice }: PlotStoreOptions): PlotStore {
  const memory = createMemory(choice, onChoice)
  const window = signal<PlotWindow>({ kind: 'live', spanSeconds: memory.spanSeconds() })
  const cursor = signal<number | undefined>(undefined)
  const { series, refusal, version, fillAll, remove, add } = createLines({ connection, clock, window })
  // A wheel that turns changes the window many times; history is asked for once it rests.
  const filling = createRest(fillAll, FILL_REST_MS)
  let isBegun = choice.fields !== undefined
  /** Until when a press means a line that began by itself, by the page's clock. */
  let unseenUntilMs = Number.NEGATIVE_INFINITY

  function chooseFields(): void {
    isBegun = true
    memory.choose({ fields: series.peek().map(one => one.ref) })
  }

  function show(next: PlotWindow): void {
    if (next.kind === 'live') memory.choose({ spanSeconds: next.spanSeconds })
    window.value = next
    filling.soon()
  }

  for (const field of choice.fields ?? []) add(field)

  return {
    series,
    window,
    cursor,
    refusal,
    version,
    isBegun: () => isBegun,
    begin(fields) {
      if (isBegun) return
      isBegun = true
      unseenUntilMs = clock.instantMs() + UNSEEN_MS
      for (const field of fields) add(field)
    },
    has: field => find(series.value, field) !== undefined,
    toggle(field) {
      const held = find(series.peek(), field)
      if (held === undefined) add(field)
      else if (clock.instantMs() >= unseenUntilMs) remove(held)
      unseenUntilMs = Number.NEGATIVE_INFINITY
      chooseFields()
    },
    remove(one) {
      remove(one)
      chooseFields()
    },
    show,
    resume: () => show({ kind: 'live', spanSeconds: memory.spanSeconds() }),
    close() {
      filling.cancel()
      for (const one of series.peek()) one.close()
    }
  }
}

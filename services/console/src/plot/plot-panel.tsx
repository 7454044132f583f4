import { utcMsOf } from '@meridian/time'
import { effect, useComputed } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { dateTextOf, preciseTextOf } from '../format/stamp.ts'
import type { PageClock } from '../page-clock.ts'
import { PanelFrame, type PanelName } from '../panel.tsx'
import { type Shell, useShell } from '../shell.ts'
import type { InstanceModel } from '../site/instance-model.ts'
import { LastValues } from '../site/last-values.tsx'
import { Chart } from './chart.tsx'
import { followSilences } from './follow-silences.ts'
import { Legend } from './legend.tsx'
import { type PlotStore, SPANS } from './plot-store.ts'
import { type Bounds, boundsOf, zoomed } from './plot-window.ts'
import type { Trust } from './resample.ts'
import { createSilences, type Silences } from './silences.ts'

const spanText = (seconds: number): string => (seconds < 3600 ? `${seconds / 60} min` : `${seconds / 3600} h`)

function Toolbar({ plot }: { readonly plot: PlotStore }) {
  const { clock } = useShell()
  const window = plot.window.value
  function change(by: { factor?: number; shift?: number }): void {
    const nowTai = clock.siteTai()
    plot.show(zoomed(boundsOf(plot.window.peek(), nowTai), by, nowTai))
  }
  return (
    <div class="plot-tools" role="toolbar" aria-label="Plot window">
      {SPANS.map(spanSeconds => (
        <button
          type="button"
          key={spanSeconds}
          aria-pressed={window.kind === 'live' && window.spanSeconds === spanSeconds}
          onClick={() => plot.show({ kind: 'live', spanSeconds })}
        >
          {spanText(spanSeconds)}
        </button>
      ))}
      <button type="button" aria-label="Zoom in" onClick={() => change({ factor: 0.5 })}>
        +
      </button>
      <button type="button" aria-label="Zoom out" onClick={() => change({ factor: 2 })}>
        −
      </button>
      <button type="button" aria-label="Earlier" onClick={() => change({ shift: -0.5 })}>
        ‹
      </button>
      <button type="button" aria-label="Later" onClick={() => change({ shift: 0.5 })}>
        ›
      </button>
      {window.kind === 'live' ? (
        <button type="button" onClick={() => change({})}>
          Pause
        </button>
      ) : (
        <button type="button" class="plot-resume" onClick={plot.resume}>
          Paused: go live
        </button>
      )}
    </div>
  )
}

const momentText = (tai: number): string => preciseTextOf(tai).slice(0, 8)

/** `03:04:05 to 03:09:05 UTC`, with the dates where they are two. */
function spanOf({ from, to }: Bounds): string {
  const [first, last] = [from, to].map(tai => dateTextOf(utcMsOf(tai)))
  if (first === last) return `${momentText(from)} to ${momentText(to)} UTC`
  return `${first} ${momentText(from)} to ${last} ${momentText(to)} UTC`
}

/** `03:04:05.678 UTC`, with the date where that is not today's. */
function cursorText(tai: number, clock: PageClock): string {
  const [day, today] = [tai, clock.siteTai()].map(one => dateTextOf(utcMsOf(one)))
  return `${day === today ? '' : `${day} `}${preciseTextOf(tai)} UTC`
}

/** The moment under the pointer, or else the window that stands still. */
function Moment({ plot }: { readonly plot: PlotStore }) {
  const { clock } = useShell()
  const text = useComputed(() => {
    const cursor = plot.cursor.value
    const window = plot.window.value
    if (cursor !== undefined) return cursorText(cursor, clock)
    return window.kind === 'held' ? spanOf(window) : ''
  })
  return <span class="quiet-text number plot-moment">{text}</span>
}

interface PlotPanelProps {
  readonly panel: PanelName
  readonly plot: PlotStore
  /** The instance whose fields are plotted; undefined while nothing is known of it. */
  readonly model: InstanceModel | undefined
}

/** Tells the silences how the source is now. */
function note(silences: Silences, model: InstanceModel | undefined, clock: PageClock): void {
  if (model === undefined) return
  const nowTai = clock.siteTai()
  const heardMs = model.heartbeatMs.peek() ?? model.dataMs.peek()
  silences.note(model.isDead.value, nowTai, heardMs === undefined ? 0 : nowTai - clock.ageMs(heardMs) / 1000)
}

/** What may be believed of values that are sent on change alone, at this moment. */
function trustNow({ clock, connection }: Shell, silences: Silences): Trust {
  const nowTai = clock.siteTai()
  const isSound = connection.health.peek().kind === 'sound'
  const unknownMs = isSound ? 0 : clock.ageMs(connection.judgedAtMs.peek())
  return { until: nowTai - unknownMs / 1000, silences: silences.spans() }
}

/** Chosen fields over time: what is still held, then live. */
export function PlotPanel({ panel, plot, model }: PlotPanelProps) {
  const shell = useShell()
  const { clock } = shell
  const silences = useMemo(createSilences, [plot])
  useEffect(() => effect(() => note(silences, model, clock)), [silences, model])
  useEffect(() => model && followSilences(silences, model, shell), [silences, model])
  function trust(): Trust {
    note(silences, model, clock)
    return trustNow(shell, silences)
  }
  const tools = (
    <>
      <Moment plot={plot} />
      <Toolbar plot={plot} />
    </>
  )
  return (
    <PanelFrame panel={panel} tools={tools} note={<LastValues model={model} />}>
      <Legend plot={plot} bounds={() => boundsOf(plot.window.value, clock.siteTai())} trust={trust} />
      {plot.refusal.value !== undefined && (
        <p class="plot-refusal" role="status">
          {plot.refusal}
        </p>
      )}
      {plot.series.value.length === 0 && (
        <p class="empty">Press the name of a number to plot it; open an array to plot one of its elements.</p>
      )}
      <Chart plot={plot} trust={trust} />
    </PanelFrame>
  )
}

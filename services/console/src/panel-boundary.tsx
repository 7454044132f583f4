import { Component, type ComponentChildren, createContext } from 'preact'
import { useContext } from 'preact/hooks'

/** Outside of any panel a failure is for the browser to report. */
const PanelFailure = createContext<(caught: unknown) => void>(reportError)

/**
 * Tells the panel around a component that it failed while nothing was drawn by Preact: in a timer, an animation
 * frame or an effect of a signal, which no boundary sees by itself.
 */
export const usePanelFailure = (): ((caught: unknown) => void) => useContext(PanelFailure)

interface PanelBoundaryProps {
  /** What people call the part that is inside. */
  readonly title: string
  readonly children: ComponentChildren
}

interface PanelBoundaryState {
  readonly failure: string | undefined
}

/** What failed once is tried again by itself after this long, ms: the next data may be data it can show. */
const TRY_AGAIN_MS = 15_000

const textOf = (caught: unknown): string => (caught instanceof Error ? caught.message : String(caught))

/**
 * Keeps the failure of one part of the page to that part: what it throws while it is drawn is said in its
 * place, with a button that tries again, and goes to the browser's console. All other parts go on.
 */
export class PanelBoundary extends Component<PanelBoundaryProps, PanelBoundaryState> {
  override state: PanelBoundaryState = { failure: undefined }
  #timer: ReturnType<typeof setTimeout> | undefined

  static override getDerivedStateFromError(caught: unknown): PanelBoundaryState {
    return { failure: textOf(caught) }
  }

  override componentDidCatch(caught: unknown): void {
    console.error(`panel '${this.props.title}' failed`, caught)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#tryAgain, TRY_AGAIN_MS)
  }

  override componentWillUnmount(): void {
    clearTimeout(this.#timer)
  }

  #fail = (caught: unknown): void => {
    this.setState(PanelBoundary.getDerivedStateFromError(caught))
    this.componentDidCatch(caught)
  }

  #tryAgain = (): void => {
    clearTimeout(this.#timer)
    this.setState({ failure: undefined })
  }

  override render({ title, children }: PanelBoundaryProps, { failure }: PanelBoundaryState) {
    if (failure === undefined)
      return <PanelFailure.Provider value={this.#fail}>{children}</PanelFailure.Provider>
    return (
      <section class="panel panel-failed" aria-label={title}>
        <div role="alert">
          <h2>{title}: cannot be shown</h2>
          <p>{failure}</p>
          <p>The rest of the page goes on. This part is tried again every {TRY_AGAIN_MS / 1000} s.</p>
        </div>
        <button type="button" onClick={this.#tryAgain}>
          Try again
        </button>
      </section>
    )
  }
}

import type { ComponentChildren, ComponentType } from 'preact'
import { PanelBoundary } from './panel-boundary.tsx'

/** What a panel is called in style sheets and by people. */
export interface PanelName {
  /** Class of its frame in the style sheets. */
  readonly name: string
  /** What people read above it, and what screen readers call the region. */
  readonly title: string
}

/** One panel of a page: its name, and how it is drawn from what the page has. */
export interface Panel<Page> extends PanelName {
  render(page: Page): ComponentChildren
}

/** How a panel is described in the table of its page. */
export interface PanelSpec<Page, Props> extends PanelName {
  /** What the panel needs of the page, which is all that it gets. */
  needs(page: Page): Props
  readonly View: ComponentType<Props & { readonly panel: PanelName }>
}

/**
 * Describes a panel; a view that asks for what `needs` does not give is an error of types. One that throws
 * takes no other with it.
 */
export function panel<Page, Props extends object>({
  name,
  title,
  needs,
  View
}: PanelSpec<Page, Props>): Panel<Page> {
  const identity = { name, title }
  const Content = ({ page }: { readonly page: Page }) => <View {...needs(page)} panel={identity} />
  return {
    ...identity,
    render: page => (
      <PanelBoundary key={name} title={title}>
        <Content page={page} />
      </PanelBoundary>
    )
  }
}

interface PanelFrameProps {
  readonly panel: PanelName
  /** Beside the title, quieter: a count. */
  readonly note?: ComponentChildren
  /** Buttons and fields of the panel's head. */
  readonly tools?: ComponentChildren
  readonly children: ComponentChildren
}

/** The frame that all large panels have in common: a head with title and tools, then the content. */
export function PanelFrame({ panel: { name, title }, note, tools, children }: PanelFrameProps) {
  return (
    <section class={`panel ${name}`} aria-label={title}>
      <div class="panel-head">
        <h2>
          {title} {note !== undefined && <span class="group-count">{note}</span>}
        </h2>
        {tools}
      </div>
      {children}
    </section>
  )
}

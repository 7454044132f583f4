import { useEffect, useMemo } from 'preact/hooks'
import { LaterAccounts } from './accounts/later-accounts.tsx'
import { afterPaint } from './after-paint.ts'
import { Banner } from './chrome/banner.tsx'
import { Header } from './chrome/header.tsx'
import { fetchInstancePage, LaterInstancePage } from './instance/later-instance-page.tsx'
import { Overview } from './overview/overview.tsx'
import { PanelBoundary } from './panel-boundary.tsx'
import { type Route, watchRoute } from './route.ts'
import { useShell } from './shell.ts'
import { UnknownPage } from './unknown-page.tsx'

/** The address belongs to the route, so this is a button that moves the focus and no link. */
function toMain(): void {
  document.getElementById('main')?.focus()
}

/** Another page, and nothing that the one before drew or failed to draw. */
const pageKeyOf = (route: Route): string =>
  route.kind === 'instance' ? `${route.csc}:${route.index}` : route.kind

function Page({ route }: { readonly route: Route }) {
  if (route.kind === 'overview') return <Overview />
  if (route.kind === 'unknown') return <UnknownPage address={route.address} />
  if (route.kind === 'users' || route.kind === 'account' || route.kind === 'audit')
    return <LaterAccounts page={route.kind} />
  return <LaterInstancePage csc={route.csc} index={route.index} />
}

/** The whole page: what is always there, and one page. */
export function App() {
  const { connection, announcer } = useShell()
  const route = useMemo(watchRoute, [])
  const shown = route.value
  useEffect(() => afterPaint(fetchInstancePage), [])
  return (
    <div class="page" data-link={connection.health.value.kind}>
      <button type="button" class="skip" onClick={toMain}>
        Skip to content
      </button>
      <PanelBoundary title="Header">
        <Header />
      </PanelBoundary>
      <main id="main" tabIndex={-1}>
        <PanelBoundary key={pageKeyOf(shown)} title="Page">
          <Page route={shown} />
        </PanelBoundary>
      </main>
      {/* Below, so that no button moves away from under a hand when a warning comes. */}
      <PanelBoundary title="Warnings">
        <Banner />
      </PanelBoundary>
      <div class="hidden-visually" role="status" aria-live="polite">
        {announcer.text}
      </div>
    </div>
  )
}

import type { WireError } from '@meridian/errors'
import type { MeAnswer } from '@meridian/protocol/http'
import { untracked } from '@preact/signals'
import { render } from 'preact'
import { App } from './app.tsx'
import { LogInPage } from './session/log-in-page.tsx'
import { reasonAfterLoad, rememberReason } from './session/log-in-reason.ts'
import { tellAfterLogIn, tellOtherTabs, whenAnotherTabLogsIn } from './session/other-tabs.ts'
import { readsOf } from './session/reading.ts'
import { createSessionDoor } from './session/renew.ts'
import { createSession, type Session } from './session/session.ts'
import { PROVIDER_LOG_OUT_HREF } from './session/session-routes.ts'
import { createShell, type Shell, ShellContext } from './shell.ts'
import { restoreTheme } from './theme.ts'

const LOOK_MS = 1_000

/** The page of whoever is logged in, or in mode open of everybody. The connection is opened first: its answer travels while the page is drawn. */
function showPage(session: Session, root: HTMLElement): Shell {
  tellAfterLogIn()
  const shell = createShell(session)
  shell.start()
  render(
    <ShellContext.Provider value={shell}>
      <App />
    </ShellContext.Provider>,
    root
  )
  return shell
}

function showLogIn(session: Session, reason: WireError | undefined, root: HTMLElement): void {
  const onDone = (): void => {
    tellOtherTabs()
    session.ask()
  }
  render(<LogInPage reason={reasonAfterLoad(reason)} onDone={onDone} />, root)
}

/**
 * What is known of the site goes with its page: whoever comes next begins with an empty one, at the same address. Who has logged out himself, and so
 * needs no reason, goes on to where his session at the provider ends, if there is one.
 */
function leavePage(reason: WireError | undefined, mode: MeAnswer['mode'] | undefined): void {
  rememberReason(reason)
  if (reason === undefined && mode === 'oidc') location.assign(PROVIDER_LOG_OUT_HREF)
  else location.reload()
}

/** What a page asks for follows what it might read when it began: for somebody who may read other things it begins anew. */
function reloadAtOtherReading(): (me: MeAnswer | undefined) => void {
  let known: string | undefined
  return me => {
    if (me === undefined) return
    const reads = readsOf(me).toSorted().join(' ')
    if (known !== undefined && known !== reads) location.reload()
    known = reads
  }
}

function open(): void {
  restoreTheme()
  const root = document.getElementById('app') as HTMLElement
  const session = createSession({ door: createSessionDoor() })
  let shell: Shell | undefined
  let isLeaving = false
  // The link may hear of the end as well: a second way out would call off the first.
  const leaveOnce = (reason: WireError | undefined): void => {
    if (!isLeaving) leavePage(reason, session.me.peek()?.mode)
    isLeaving = true
  }
  const show = (state: typeof session.state.value): void => {
    if (state.kind === 'in') shell ??= showPage(session, root)
    else if (state.kind === 'out' && shell !== undefined) leaveOnce(state.reason)
    else if (state.kind === 'out') showLogIn(session, state.reason, root)
  }
  session.state.subscribe(state => untracked(() => show(state)))
  session.me.subscribe(reloadAtOtherReading())
  whenAnotherTabLogsIn(() => {
    if (shell === undefined) session.ask()
  })
  setInterval(session.look, LOOK_MS)
  session.ask()
}

// A task of its own, apart from the evaluation of all modules.
setTimeout(open)

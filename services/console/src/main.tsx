import type { WireError } from '@meridian/errors'
import { untracked } from '@preact/signals'
import { render } from 'preact'
import { App } from './app.tsx'
import { LogInPage } from './session/log-in-page.tsx'
import { reasonAfterLoad, rememberReason } from './session/log-in-reason.ts'
import { tellOtherTabs, whenAnotherTabLogsIn } from './session/other-tabs.ts'
import { createSessionDoor } from './session/renew.ts'
import { createSession, type Session } from './session/session.ts'
import { createShell, type Shell, ShellContext } from './shell.ts'
import { restoreTheme } from './theme.ts'

const LOOK_MS = 1_000

/** The page of whoever is logged in, or in mode open of everybody. The connection is opened first: its answer travels while the page is drawn. */
function showPage(session: Session, root: HTMLElement): Shell {
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

/** What is known of the site goes with its page: whoever comes next begins with an empty one, at the same address. */
function leavePage(reason: WireError | undefined): void {
  rememberReason(reason)
  location.reload()
}

function open(): void {
  restoreTheme()
  const root = document.getElementById('app') as HTMLElement
  const session = createSession({ door: createSessionDoor() })
  let shell: Shell | undefined
  session.state.subscribe(state =>
    untracked(() => {
      if (state.kind === 'in') shell ??= showPage(session, root)
      else if (state.kind === 'out' && shell !== undefined) leavePage(state.reason)
      else if (state.kind === 'out') showLogIn(session, state.reason, root)
    })
  )
  whenAnotherTabLogsIn(() => {
    if (shell === undefined) session.ask()
  })
  setInterval(session.look, LOOK_MS)
  session.ask()
}

// A task of its own, apart from the evaluation of all modules.
setTimeout(open)

import { render } from 'preact'
import { App } from './app.tsx'
import { createShell, ShellContext } from './shell.ts'
import { restoreTheme } from './theme.ts'

/** The connection is opened first: its answer travels while the page is drawn. */
function open(): void {
  restoreTheme()
  const shell = createShell()
  shell.start()
  render(
    <ShellContext.Provider value={shell}>
      <App />
    </ShellContext.Provider>,
    document.getElementById('app') as HTMLElement
  )
}

// A task of its own, apart from the evaluation of all modules.
setTimeout(open)

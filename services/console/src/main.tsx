import { render } from 'preact'
import { App } from './app.tsx'
import { createShell, ShellContext } from './shell.ts'
import { restoreTheme } from './theme.ts'

restoreTheme()
const shell = createShell()
render(
  <ShellContext.Provider value={shell}>
    <App />
  </ShellContext.Provider>,
  document.getElementById('app') as HTMLElement
)
shell.start()

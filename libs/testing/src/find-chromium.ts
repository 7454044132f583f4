import { existsSync } from 'node:fs'

/** Has no window to draw for: a page costs up to a third less CPU than in the whole Chromium. */
const HEADLESS = '/usr/bin/chromium-headless-shell'
const WHOLE = '/usr/bin/chromium'

/** The Chromium that tests run, whether or not it is there: `CHROMIUM_BIN`, else the one without a window, else the whole one. */
export const findChromium = (env: NodeJS.ProcessEnv = process.env): string =>
  env['CHROMIUM_BIN'] ?? (existsSync(HEADLESS) ? HEADLESS : WHOLE)

/** The Chromium of a test of what only the whole one does, as to treat a tab in the background. */
export const findWholeChromium = (env: NodeJS.ProcessEnv = process.env): string =>
  env['CHROMIUM_BIN'] ?? WHOLE

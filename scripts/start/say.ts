import colors from 'picocolors'

const began = Date.now()
const seconds = (): string => colors.dim(`${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s`)

/** Progress of `npm start`, one line each, for a person at a terminal. */
export const say = {
  step: (text: string): void => console.log(`${seconds()}  ${text}`),
  done: (text: string): void => console.log(`${seconds()}  ${colors.green('✓')} ${text}`),
  warn: (text: string): void => console.log(`${seconds()}  ${colors.yellow('!')} ${text}`),
  fail: (text: string): void => console.error(`${seconds()}  ${colors.red('✗')} ${text}`),
  address: (url: string): void => console.log(`\n  Meridian is up: ${colors.bold(colors.cyan(url))}\n`)
}

/** A reason that a person can act on: printed as one sentence, without a stack. */
export class StartError extends Error {}

import { recall, remember } from '../remembered.ts'

/** Tabs of one browser share its cookies, and so its session. */
const CHANNEL = 'meridian.session'

/** Tells the other tabs of this browser that somebody has logged in. */
export function tellOtherTabs(): void {
  const channel = new BroadcastChannel(CHANNEL)
  channel.postMessage('in')
  channel.close()
}

const BEGUN = 'log-in-begun'

/** Notes that this tab goes to a provider to log in, and comes back as a new page. */
export const noteLogInBegun = (): void => remember('tab', BEGUN, true)

/** Tells the other tabs where this one has come back logged in. */
export function tellAfterLogIn(): void {
  if (recall('tab', BEGUN) !== true) return
  remember('tab', BEGUN, null)
  tellOtherTabs()
}

/** Calls `work` whenever somebody has logged in by another tab. */
export function whenAnotherTabLogsIn(work: () => void): void {
  new BroadcastChannel(CHANNEL).addEventListener('message', work)
}

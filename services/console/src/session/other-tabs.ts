/** Tabs of one browser share its cookies, and so its session. */
const CHANNEL = 'meridian.session'

/** Tells the other tabs of this browser that somebody has logged in. */
export function tellOtherTabs(): void {
  const channel = new BroadcastChannel(CHANNEL)
  channel.postMessage('in')
  channel.close()
}

/** Calls `work` whenever somebody has logged in by another tab. */
export function whenAnotherTabLogsIn(work: () => void): void {
  new BroadcastChannel(CHANNEL).addEventListener('message', work)
}

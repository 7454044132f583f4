import type { Browser } from 'playwright-core'
import type { Test } from 'tap'
import type { Night } from './night.ts'
import { openPage, type Watched } from './open-browser.ts'
import type { Door } from './start-door.ts'

/** The one origin, its night and the browser that all cases of a file share. */
export interface Scene {
  readonly door: Door
  readonly night: Night
  readonly browser: Browser
}

/** A scene with the one page of a group: a page that is loaded costs more than most of what is done on it. */
interface GroupScene extends Scene {
  /** Leads the page of the group there, as if it came from elsewhere; `problems` are those since then. */
  open(hash: string): Promise<Pick<Watched, 'page' | 'problems'>>
}

interface PageOfGroup {
  readonly open: GroupScene['open']
  /** A page that is left open draws a whole night on, beside the groups that still run. */
  close(): Promise<void>
}

function pageOfGroup({ door, browser }: Scene): PageOfGroup {
  let watched: Watched | undefined
  const open: GroupScene['open'] = async hash => {
    watched ??= await openPage(browser, 'about:blank')
    const { page, problems } = watched
    problems.length = 0
    // A change of the hash is no load; two make the page of an instance anew.
    if (page.url().startsWith(door.url))
      await page.evaluate(hash => {
        location.hash = '#/'
        return new Promise<void>(resolve =>
          requestAnimationFrame(() => {
            location.hash = hash
            resolve()
          })
        )
      }, hash)
    else await page.goto(door.url + hash)
    return { page, problems }
  }
  return { open, close: async () => watched?.context.close() }
}

/** A test by its name, to be run on a scene that others use as well. */
export type Case = readonly [name: string, run: (t: Test, scene: GroupScene) => Promise<void>]

/** Groups at a time: while one waits for a silence the others use the processor. */
const AT_A_TIME = 3

/** Runs groups of cases side by side, and the cases of one group one after the other. */
export function runGroups(
  root: Test,
  groups: Readonly<Record<string, readonly Case[]>>,
  { scene, skip }: { readonly scene: () => Scene; readonly skip: string | false }
): void {
  root.test(Object.keys(groups).join(', '), { skip, jobs: AT_A_TIME }, async t => {
    const running = Object.entries(groups).map(([name, cases]) =>
      t.test(name, { buffered: true }, async t => {
        const page = pageOfGroup(scene())
        t.teardown(page.close)
        const group = { ...scene(), open: page.open }
        for (const [title, run] of cases) await t.test(title, t => run(t, group))
      })
    )
    await Promise.all(running)
  })
}

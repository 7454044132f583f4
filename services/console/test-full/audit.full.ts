/** What was done and refused is read in the console by whoever may manage users; others are told why not. */
import type { Page } from 'playwright-core'
import t from 'tap'
import { violationsOf } from '../test/harness/axe.ts'
import { newContext, openBrowser, openPage, whyNot } from '../test/harness/open-browser.ts'
import { startWithUsers, whyNoFront } from '../test/harness/start-with-users.ts'

const skip = whyNot === false ? whyNoFront : whyNot
const password = 'correct horse battery'

/** Sends a request of the api as the page's user. */
const send = (page: Page, method: string, path: string, body: object = {}): Promise<number> =>
  page.evaluate(
    async ({ method, path, body }) => {
      const init = method === 'GET' ? {} : { method, body, headers: { 'content-type': 'application/json' } }
      return (await fetch(path, init)).status
    },
    { method, path, body: JSON.stringify(body) }
  )

t.test('the audit is read by who may manage users', { skip, timeout: 240_000 }, async t => {
  const { url, firstToken } = await startWithUsers(t)
  const browser = await openBrowser()
  t.teardown(() => browser.close())
  const { page: ada } = await openPage(browser, url, undefined, await newContext(browser))
  const { page: bob } = await openPage(browser, url, undefined, await newContext(browser))
  const logIn = (page: Page, name: string) => send(page, 'POST', '/api/session', { name, password })
  await send(ada, 'POST', '/api/users/first', { token: firstToken, name: 'ada', password })
  await logIn(ada, 'ada')
  await send(ada, 'POST', '/api/users', { name: 'bob', password, roles: ['viewer'] })
  await logIn(bob, 'bob')

  await t.test('who may not read it is told why', async () => {
    await bob.goto(`${url}#/audit`)
    await bob.reload()
    await bob.getByText('it needs administrator. bob has viewer.').waitFor()
  })

  const row = (page: Page, text: string | RegExp) => page.getByRole('row').filter({ hasText: text })
  await t.test('a refused command stands there as a sentence, with the meaning of its code', async t => {
    await ada.reload()
    await ada.locator('.who summary').click()
    await ada.getByRole('link', { name: 'Users' }).click()
    await ada.getByRole('link', { name: 'audit', exact: true }).click()
    await row(ada, 'ada made the user bob (viewer).').waitFor()
    const command = { csc: 'MTMount', index: 0, command: 'stop' }
    for (let n = 0; n < 3; n++) t.equal(await send(bob, 'POST', '/api/commands', command), 403)
    const refused = row(ada, 'bob may not send MTMount:0 stop.')
    await refused.waitFor()
    t.match(await refused.textContent(), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*REFUSED.*127\.0\.0\.1 by api/)
    t.equal(await refused.count(), 1, 'the others come as a sum')
    const code = refused.getByRole('button', { name: 'CMD_NOT_ALLOWED' })
    await code.focus()
    await ada.keyboard.press('Enter')
    await refused.getByText('command not allowed for this user; trying again changes nothing.').waitFor()
    t.same(await violationsOf(ada), [])
  })

  await t.test('the form narrows it, by keyboard alone, and new ones come by themselves', async t => {
    await ada.getByLabel('Who').focus()
    await ada.keyboard.type('bob')
    await ada.keyboard.press('Enter')
    await row(ada, 'ada logged in.').waitFor({ state: 'detached' })
    await row(ada, 'bob logged in.').first().waitFor()
    await ada.getByLabel('Refusals only').focus()
    await ada.keyboard.press('Space')
    await row(ada, 'bob logged in.').waitFor({ state: 'detached' })
    t.equal(await send(bob, 'GET', '/api/users'), 403)
    await row(ada, 'bob may not manage users or log-ins: /api/users.').waitFor()
    await ada.getByLabel('What').selectOption('log-out')
    await ada.getByText('Nothing of this kind is stored.').waitFor()
    await ada.getByRole('button', { name: 'Show everything' }).click()
    await row(ada, 'ada logged in.').first().waitFor()
    await ada.getByLabel('When').selectOption('')
    await ada.getByLabel('To, UTC').fill('2020-01-01T00:00')
    await ada.getByText('Nothing of this kind is stored.').waitFor()
    await ada.getByRole('button', { name: 'Show everything' }).click()
  })

  await t.test('what does not fit one page is on the next, and the focus stays on the button', async t => {
    // Two rows for each change; changes of two users, for each user that is made costs a hash of a password.
    for (const name of ['first', 'second']) {
      t.equal(await send(ada, 'POST', '/api/users', { name, password, roles: [] }), 201)
      for (let n = 0; n < 58; n++) await send(ada, 'PATCH', `/api/users/${name}`, { disabled: n % 2 === 0 })
      t.equal(await send(ada, 'DELETE', `/api/users/${name}`), 204)
    }
    await row(ada, 'ada removed the user second.').waitFor()
    t.equal(await row(ada, 'ada made the user bob (viewer).').count(), 0)
    const older = ada.getByRole('button', { name: 'Older' })
    await older.focus()
    for (const user of ['second', 'bob (viewer)']) {
      await ada.keyboard.press('Enter')
      await row(ada, `ada made the user ${user}.`).waitFor()
    }
    t.equal(await ada.evaluate(() => document.activeElement?.textContent), 'Older')
    t.equal(await older.getAttribute('aria-disabled'), 'true', 'there are none behind')
    await ada.getByRole('button', { name: 'Newest' }).click()
    await row(ada, 'ada removed the user second.').waitFor()
    const shot = process.env['AUDIT_SHOT']
    if (shot !== undefined) await ada.screenshot({ path: shot })
  })
})

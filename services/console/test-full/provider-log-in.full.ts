/** People log in through a provider of another site, in a real browser: cookies go and come as browsers let them. */
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { violationsOf } from '../test/harness/axe.ts'
import { newContext, openBrowser, openPage, whyNot } from '../test/harness/open-browser.ts'
import { startWithProvider } from '../test/harness/start-with-provider.ts'
import { whyNoFront } from '../test/harness/start-with-users.ts'

const skip = whyNot === false ? whyNoFront : whyNot
const MOUNT = '#/MTMount:0'
const LINK = 'Log in with Observatory login'

/** Gives a name to the provider's page. */
async function beAtProvider(page: Page, sub: string): Promise<void> {
  await page.getByLabel('Login').fill(sub)
  await page.getByRole('button', { name: 'Go on' }).click()
}

const isIn = (page: Page, name: string) => page.locator('.who', { hasText: name }).waitFor()

async function accessible(t: Test, page: Page): Promise<void> {
  for (const theme of ['Light theme', 'Dark theme']) {
    t.same(await violationsOf(page), [], `before ${theme}`)
    await page.getByRole('button', { name: theme }).click()
  }
}

t.test('people log in through a provider, and leave', { skip, timeout: 240_000 }, async t => {
  const { url, provider } = await startWithProvider(t)
  const browser = await openBrowser()
  t.teardown(() => browser.close())
  const context = await newContext(browser)
  const { page } = await openPage(browser, `${url}${MOUNT}`, undefined, context)

  await t.test('who has no role is told which group gives one, and may come as somebody else', async t => {
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
    await page.locator('a:focus', { hasText: LINK }).waitFor()
    t.equal(await page.locator('input').count(), 0, 'no password is asked for')
    await accessible(t, page)
    await page.getByRole('link', { name: LINK }).click()
    await beAtProvider(page, 'eve')
    await page.getByText(/visitors[\s\S]*night-crew[\s\S]*AUT_NO_ROLE/).waitFor()
    t.equal(await page.evaluate(() => location.hash), MOUNT)
    await accessible(t, page)
    await page.getByRole('link', { name: 'Log out there' }).click()
    await page.getByRole('button', { name: 'Yes' }).click()
    await page.getByRole('link', { name: LINK }).waitFor()
    t.equal(await page.locator('.refusal p').count(), 0, 'it is told once')
  })

  await t.test('who logs in is where he wanted to be, in every tab', async t => {
    const tab = await openPage(browser, url, undefined, context)
    await tab.page.getByRole('link', { name: LINK }).waitFor()
    await page.goto(`${url}${MOUNT}`)
    await page.getByRole('link', { name: LINK }).click()
    await beAtProvider(page, 'ada')
    await isIn(page, 'ada')
    t.equal(await page.evaluate(() => location.hash), MOUNT)
    t.equal(new URL(page.url()).origin, new URL(url).origin)
    await page.locator('.chip-quiet, .chip-sound').waitFor()
    await isIn(tab.page, 'ada')
    await page.reload()
    await isIn(page, 'ada')
    await tab.page.close()
  })

  await t.test('there is no password, and users are the provider’s', async t => {
    await page.goto(`${url}#/account`)
    await page.getByRole('heading', { name: 'Sessions and tokens' }).waitFor()
    t.equal(await page.getByLabel('Present password').count(), 0)
    await page.goto(`${url}#/users`)
    await page.getByRole('row', { name: /ada .*Ada L\. administrator may log in/ }).waitFor()
    t.equal(await page.getByRole('form', { name: 'New user' }).count(), 0)
    await page.getByRole('button', { name: 'Change ada' }).click()
    const form = page.getByRole('form', { name: 'Change ada' })
    t.equal(await form.locator('input').count(), 1, 'but for being disabled')
    await accessible(t, page)
  })

  await t.test('a log-out ends the session at the provider too', async t => {
    await page.locator('.who summary').click()
    await page.getByRole('button', { name: 'Log out', exact: true }).click()
    await page.getByRole('button', { name: 'Yes' }).click()
    await page.getByRole('link', { name: LINK }).click()
    await page.getByLabel('Login').waitFor()
    t.equal(new URL(page.url()).origin, provider.issuer, 'it asks who is there')
  })

  await t.test('a provider that is away is said in words', async t => {
    await page.goto(url)
    await provider.stop()
    // The api finds out with the next log-in that it finishes, or when it asks; the browser finds nobody until then.
    const refused = Promise.race([
      page.getByText(/does not answer/).waitFor(),
      page.waitForEvent('requestfailed')
    ])
    await page.getByRole('link', { name: LINK }).click()
    await refused
    await page.goto(`${url}api/session/oidc/callback?state=x`)
    await page.getByText(/AUT_LOG_IN_LOST/).waitFor()
    t.match(await page.locator('.refusal').textContent(), /Log in once more\./)
  })
})

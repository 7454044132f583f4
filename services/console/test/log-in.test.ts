import type { FirstWantedAnswer } from '@meridian/protocol/http'
import { waitFor } from '@meridian/testing'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { violationsOf } from './harness/axe.ts'
import { newContext, openBrowser, openPage, whyNot } from './harness/open-browser.ts'
import { startWithUsers, whyNoFront } from './harness/start-with-users.ts'

const skip = whyNot === false ? whyNoFront : whyNot
const [ROOTS, OLGAS, NEW] = ['correct horse battery', 'staple battery horse', 'another battery horse']
const MOUNT = '#/MTMount:0'

/** Logs in by keyboard alone: the first field has the focus. */
async function logIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByRole('heading', { name: 'Log in' }).waitFor()
  await page.locator('input[name=username]:focus').waitFor()
  await page.keyboard.type(name)
  await page.keyboard.press('Tab')
  await page.keyboard.type(password)
  await page.keyboard.press('Enter')
}

const isIn = (page: Page, name: string) => page.locator('.who', { hasText: name }).waitFor()

async function logOut(page: Page): Promise<void> {
  await page.locator('.who summary').click()
  await page.getByRole('button', { name: 'Log out', exact: true }).click()
}

async function accessible(t: Test, page: Page): Promise<void> {
  for (const theme of ['Light theme', 'Dark theme']) {
    t.same(await violationsOf(page), [], `before ${theme}`)
    await page.getByRole('button', { name: theme }).click()
  }
}

t.test('people log in, are kept in, and leave', { skip, timeout: 600_000 }, async t => {
  const { url, firstToken, broker } = await startWithUsers(t)
  const browser = await openBrowser()
  t.teardown(() => browser.close())
  const asked: string[] = []
  const context = await newContext(browser)
  context.on('request', request => asked.push(new URL(request.url()).pathname))
  const { page: root } = await openPage(browser, url, undefined, context)
  const olgasContext = await newContext(browser)
  const { page: olga } = await openPage(browser, `${url}${MOUNT}`, undefined, olgasContext)

  await t.test(
    'the first administrator is made with the token; before that nothing of the site is asked for',
    async t => {
      await root.getByRole('heading', { name: 'Make the first administrator' }).waitFor()
      t.equal(await root.locator('.brand').textContent(), 'Meridian summit')
      await accessible(t, root)
      const ways = ['/api/me', '/api/session/refresh', '/api/session/way', '/api/users/first']
      t.same(
        asked.filter(path => /^\/(api|live)/.test(path) && !ways.includes(path)),
        []
      )
      await root.getByLabel('Token').fill('of somebody else')
      await root.getByLabel('Name to log in with').fill('root')
      await root.getByLabel('Password').fill(ROOTS)
      await root.keyboard.press('Enter')
      await root.getByText(/This token is not valid[\s\S]*AUT_BAD_FIRST_TOKEN/).waitFor()
      await root.getByLabel('Token').fill(firstToken)
      await root.keyboard.press('Enter')
      await isIn(root, 'root')
      t.match(await root.locator('.who').textContent(), /root administrator/)
      await root.locator('.chip-quiet, .chip-sound').waitFor()
    }
  )

  await t.test('an administrator makes a user; what is refused is said in words', async t => {
    await root.goto(`${url}#/users`)
    const form = root.getByRole('form', { name: 'New user' })
    await form.getByLabel('Name to log in with').fill('olga.b')
    await form.getByLabel('Full name').fill('Olga B.')
    await form.getByLabel('operator').check()
    await form.getByLabel('Password').fill(OLGAS)
    await form.getByRole('button', { name: 'Make the user' }).click()
    await form.getByText('AUT_BAD_NAME').waitFor()
    await form.getByLabel('Name to log in with').fill('olga')
    await root.keyboard.press('Enter')
    await root.getByRole('row', { name: /olga Olga B\. operator may log in/ }).waitFor()
    t.equal(await form.getByLabel('Password').inputValue(), '')
    await root.getByRole('button', { name: 'Change root' }).click()
    const own = root.getByRole('form', { name: 'Change root' })
    await own.getByLabel('administrator').uncheck()
    await own.getByRole('button', { name: 'Save root' }).click()
    await own.getByText('AUT_LAST_ADMINISTRATOR').waitFor()
    await accessible(t, root)
    await root.getByRole('button', { name: 'Change root' }).click()
  })

  await t.test('a user that cannot be read is shown, and removed', async t => {
    broker.publish('$KV.auth_users.mallory', 'no record')
    await broker.flush()
    await root.reload()
    const unreadable = root.getByRole('region', { name: 'Users that cannot be read' })
    await unreadable.getByText(/mallory\s+AUT_BAD_RECORD/).waitFor()
    await accessible(t, root)
    await unreadable.getByRole('button', { name: 'Remove mallory' }).click()
    await unreadable.waitFor({ state: 'detached' })
  })

  await t.test('who logs in is where he wanted to be; a wrong password is told', async t => {
    await olga.reload()
    await logIn(olga, 'olga', 'wrong battery horse')
    await olga.getByText(/Name or password is wrong\.[\s\S]*AUT_WRONG_LOGIN/).waitFor()
    await accessible(t, olga)
    await olga.getByLabel('Password').fill(OLGAS)
    await olga.keyboard.press('Enter')
    await isIn(olga, 'olga')
    t.equal(await olga.evaluate(() => location.hash), MOUNT)
  })

  await t.test('other roles hold at once, and nobody loses what he typed', async t => {
    await olga.getByRole('combobox', { name: 'Command' }).selectOption('moveToTarget')
    await olga.getByRole('textbox', { name: 'azimuth' }).fill('12.5')
    await root.getByRole('button', { name: 'Change olga' }).click()
    const form = root.getByRole('form', { name: 'Change olga' })
    await form.getByLabel('viewer').check()
    await form.getByRole('button', { name: 'Save olga' }).click()
    await root.getByRole('row', { name: /olga Olga B\. .*viewer.* may log in/ }).waitFor()
    await olga.locator('.who', { hasText: 'viewer' }).waitFor()
    await olga.locator('.chip-quiet, .chip-sound').waitFor()
    t.equal(await olga.getByRole('textbox', { name: 'azimuth' }).inputValue(), '12.5')
    t.equal(await olga.locator('.banner-closed').count(), 0)
  })

  await t.test('a token that ends soon is followed by another, by one tab', async t => {
    const tab = await openPage(browser, url, undefined, olgasContext)
    await isIn(tab.page, 'olga')
    let refreshes = 0
    const refreshed = olgasContext.waitForEvent('response', response => response.url().endsWith('/refresh'))
    olgasContext.on('request', request => {
      if (request.url().endsWith('/refresh')) refreshes += 1
    })
    // As if the token were at its end, until it has been refreshed.
    await olgasContext.route('**/api/me', async route => {
      const answer = await route.fetch()
      const me = await answer.json()
      await route.fulfill({ json: refreshes > 0 ? me : { ...me, secondsLeft: 30 } })
    })
    await Promise.all([tab.page, olga].map(page => page.reload()))
    t.equal((await refreshed).status(), 200)
    await Promise.all([tab.page, olga].map(page => isIn(page, 'olga')))
    t.equal(refreshes, 1)
    await olgasContext.unrouteAll()
    await logOut(tab.page)
    await tab.page.getByRole('heading', { name: 'Log in' }).waitFor()
    await olga.getByRole('heading', { name: 'Log in' }).waitFor()
    t.equal(await tab.page.locator('.log-in-reason').count(), 0, 'who logs out himself knows why')
    await logIn(olga, 'olga', OLGAS)
    await Promise.all([tab.page, olga].map(page => isIn(page, 'olga')))
    t.equal(await olga.evaluate(() => location.hash), MOUNT)
    await tab.page.close()
  })

  await t.test('a new password ends all sessions, and is the one to log in with', async t => {
    await olga.goto(`${url}#/account`)
    await olga.getByRole('button', { name: 'Log out here' }).waitFor()
    await accessible(t, olga)
    await olga.getByLabel('Present password').fill(OLGAS)
    await olga.getByLabel('New password').fill(NEW)
    await olga.keyboard.press('Enter')
    await olga.getByText(/password was changed, log in with the new one/).waitFor()
    await logIn(olga, 'olga', NEW)
    await isIn(olga, 'olga')
  })

  await t.test('who is disabled is out within a second or two, and told why', async () => {
    const form = root.getByRole('form', { name: 'Change olga' })
    await form.getByLabel(/Disabled/).check()
    const save = form.getByRole('button', { name: 'Save olga' })
    await save.click()
    await form.getByText('AUT_USER_CHANGED').waitFor()
    await root.getByRole('row', { name: /may log in .* by olga/ }).waitFor()
    await save.click()
    await root.getByRole('row', { name: /olga .* DISABLED/ }).waitFor()
    await olga.getByText('AUT_REVOKED').waitFor()
    await olga.getByRole('heading', { name: 'Log in' }).waitFor()
  })

  await t.test(
    'where nobody may manage users any more, the page offers to log in and to make one',
    async t => {
      const form = root.getByRole('form', { name: 'Change olga' })
      await form.getByLabel(/Disabled/).uncheck()
      await form.getByRole('button', { name: 'Save olga' }).click()
      await root.getByRole('row', { name: /olga .* may log in/ }).waitFor()
      await broker.request('$KV.auth_users.root', 'no JSON', { timeoutMs: 2_000 })
      const isWanted = async () => {
        const { wanted } = (await (await fetch(`${url}api/users/first`)).json()) as FirstWantedAnswer
        return wanted
      }
      await waitFor(isWanted, { what: 'nobody may manage users' })
      await olga.reload()
      await olga.getByText('Make the first administrator').click()
      await olga.getByText('Nobody here may manage users.').waitFor()
      await accessible(t, olga)
      await olga.reload()
      await logIn(olga, 'olga', NEW)
      await isIn(olga, 'olga')
    }
  )
})

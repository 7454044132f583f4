import t from 'tap'
import { violationsOf } from '../test/harness/axe.ts'
import { newContext, openBrowser, openPage, whyNot } from '../test/harness/open-browser.ts'
import { startWithUsers, whyNoFront } from '../test/harness/start-with-users.ts'

const skip = whyNot === false ? whyNoFront : whyNot
const PASSWORD = 'correct horse battery'

t.test(
  'a user makes a token for a program, sees it once, and revokes it',
  { skip, timeout: 240_000 },
  async t => {
    const { url, firstToken } = await startWithUsers(t)
    const made = await fetch(`${url}api/users/first`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: firstToken, name: 'root', password: PASSWORD })
    })
    t.equal(made.status, 201)
    await giveRoles(url, ['administrator', 'operator'])
    const browser = await openBrowser()
    t.teardown(() => browser.close())
    const context = await newContext(browser)
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const { page } = await openPage(browser, `${url}#/account`, undefined, context)
    await page.locator('input[name=username]').fill('root')
    await page.getByLabel('Password').fill(PASSWORD)
    await page.keyboard.press('Enter')
    const form = page.getByRole('form', { name: 'New token for a program' })
    const meOf = (token: string) => fetch(`${url}api/me`, { headers: { authorization: `Bearer ${token}` } })

    await t.test('what it may not be is said in words', async () => {
      await form.getByLabel('What it is for').fill('night plan')
      await form.getByLabel('read:').uncheck()
      await form.getByRole('button', { name: 'Make the token' }).click()
      await form.getByRole('alert').getByText('NET_BAD_REQUEST').waitFor()
    })

    await t.test('what his roles do not allow is not offered', async t => {
      t.ok(await form.getByLabel('command:').isEnabled())
      await giveRoles(url, ['administrator'])
      await page.reload()
      await form.getByText('command: your roles allow none').waitFor()
      t.ok(await form.getByLabel('command:').isDisabled())
      await giveRoles(url, ['administrator', 'operator'])
      await page.reload()
      await form.getByText('command: send the commands').waitFor()
    })

    let token = ''
    await t.test('it is shown, copied, and good at once', async t => {
      await form.getByLabel('What it is for').fill('night plan')
      await form.getByLabel('read:').check()
      await form.getByLabel('command:').check()
      await form.getByLabel('Days until it ends').fill('30')
      await page.keyboard.press('Enter')
      const field = page.getByLabel('The new token')
      await field.waitFor()
      token = await field.inputValue()
      t.match(token, /^mrd_[0-9A-Za-z]{50}$/)
      t.same(await violationsOf(page), [])
      await page.getByRole('button', { name: 'Copy' }).click()
      await page.getByRole('button', { name: 'Copied' }).waitFor()
      t.equal(await page.evaluate(() => navigator.clipboard.readText()), token)
      t.match(await (await meOf(token)).json(), { name: 'root', scopes: ['read', 'command'] })
      await page.getByRole('row', { name: /night plan root read, command .* from 127\.0\.0\.1/ }).waitFor()
    })

    await t.test('it is not shown again', async t => {
      await page.reload()
      await page.getByRole('row', { name: /night plan root/ }).waitFor()
      t.notMatch(await page.content(), /mrd_[0-9A-Za-z]{12}/)
    })

    await t.test('whoever manages users sees it among those of all, and revokes it', async t => {
      await page.goto(`${url}#/users`)
      await page.getByRole('heading', { name: 'Tokens for programs of all' }).waitFor()
      t.same(await violationsOf(page), [])
      await page.getByRole('button', { name: 'Revoke the token night plan of root' }).click()
      await page.getByRole('row', { name: /night plan root/ }).waitFor({ state: 'detached' })
      t.equal((await meOf(token)).status, 401)
    })
  }
)

/** Who may manage users gives himself roles by which he may command. */
async function giveRoles(url: string, roles: readonly string[]): Promise<void> {
  const ask = (method: string, path: string, body: object, token = '') =>
    fetch(`${url}api/${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body)
    })
  const session = await ask('POST', 'session', { name: 'root', password: PASSWORD, cookies: false })
  const { token } = (await session.json()) as { token: string }
  const given = await ask('PATCH', 'users/root', { roles }, token)
  if (!given.ok) throw new Error(await given.text())
}

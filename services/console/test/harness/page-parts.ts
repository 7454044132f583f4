import type { Locator, Page } from 'playwright-core'

/** The bar of an instance's page with its stops. */
export const stopBar = (page: Page): Locator => page.getByRole('region', { name: 'Stop', exact: true })

/** The button of the command `stop` there. */
export const stopButton = (page: Page): Locator =>
  stopBar(page).getByRole('button', { name: 'stop', exact: true })

import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findChromium } from '@meridian/testing'
import { type Browser, chromium, type LaunchOptions } from 'playwright-core'
import type { Test } from 'tap'
import { build } from 'vite'

const executablePath = findChromium()
const entry = fileURLToPath(new URL('browser-page.ts', import.meta.url))
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' }

/** Why tests in a browser cannot run here; false when they can. */
export const whyNot: string | false =
  !existsSync(executablePath) && `no Chromium at ${executablePath}: set CHROMIUM_BIN`

/** Starts Chromium without a window for the life of a test. */
export async function openBrowser(t: Test, options: LaunchOptions = {}): Promise<Browser> {
  const { args = [], ...rest } = options
  const browser = await chromium.launch({ executablePath, ...rest, args: ['--disable-gpu', ...args] })
  t.teardown(() => browser.close())
  return browser
}

/**
 * The page of `browser-page.ts` and its workers as a bundler makes them, at an address of their own; `begin` is
 * a script that runs in it.
 */
export async function servePage(t: Test, begin = ''): Promise<string> {
  const outDir = t.testdir()
  await build({
    configFile: false,
    logLevel: 'error',
    worker: { format: 'es' },
    build: { outDir, rolldownOptions: { input: entry, output: { entryFileNames: 'page.js' } } }
  })
  return serveFolder(
    t,
    outDir,
    `<script type="module" src="/page.js"></script><script type="module">${begin}</script>`
  )
}

/** Hands out a folder's files at an address of its own, and `html` for everything else, for the life of a test. */
export async function serveFolder(t: Test, folder: string, html: string): Promise<string> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://page').pathname
    const file = join(folder, path)
    response.setHeader('content-type', TYPES[extname(path)] ?? 'text/html')
    response.end(existsSync(file) && path !== '/' ? readFileSync(file) : html)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

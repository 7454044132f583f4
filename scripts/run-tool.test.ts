import t from 'tap'
import { clauseOf, runTool } from './run-tool.ts'

const node = (code: string, options = {}): Promise<string> => runTool(process.execPath, ['-e', code], options)

t.test('a program runs to its end, in its folder and with its environment', async t => {
  const code = 'console.log(process.cwd(), Object.keys(process.env).includes("PATH"), process.env.A)'
  t.equal(await node(code, { cwd: '/', env: { A: 'b' } }), '/ false b\n')
  t.match(await node(code, { cwd: '/' }), /^\/ true /)
})

t.test('what is missing, fails or takes too long is told with the program and its last lines', async t => {
  const code = 'RUN_TOOL_FAILED'
  const missing = runTool('no-such-program', ['build'])
  await t.rejects(missing, { code, message: /: no-such-program build: it is not installed$/ })
  const failing = node('console.error("1\\n2\\n3\\n4"); process.exitCode = 3')
  await t.rejects(failing, { code, message: / -e: 2 \| 3 \| 4$/, cause: { code: 3 } })
  await t.rejects(node('process.exitCode = 3'), { code, message: /Command failed: / })
  const slow = node('setInterval(() => {}, 1000)', { timeoutMs: 200 })
  await t.rejects(slow, { code, message: / -e: it took longer than 0\.2 s$/ })
})

t.test('beside others it is told as a clause, without code and constant message', async t => {
  const caught: unknown = await runTool('no-such-program', ['build']).catch(error => error)
  t.equal(clauseOf(caught), 'no-such-program build: it is not installed')
  t.equal(clauseOf(new Error('not set')), 'not set')
})

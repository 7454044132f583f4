import { once } from 'node:events'
import { WebSocket } from 'ws'
import { waitFor } from './wait-for.ts'

/**
 * Runs an expression inside another Node process and gives its value, which JSON can hold; promises are
 * awaited. The process was started with `--inspect-port=127.0.0.1:<port>`; its inspector opens with the first
 * call. Throws where the expression does.
 */
export async function evaluateIn(pid: number, port: number, expression: string): Promise<unknown> {
  const socket = new WebSocket(await inspectorOf(pid, port))
  try {
    await once(socket, 'open')
    const params = { expression, awaitPromise: true, returnByValue: true, includeCommandLineAPI: true }
    socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params }))
    const [data] = (await once(socket, 'message')) as [Buffer]
    const { result } = JSON.parse(data.toString()) as {
      readonly result: { readonly result: { readonly value?: unknown }; readonly exceptionDetails?: object }
    }
    if (result.exceptionDetails !== undefined) throw new Error(JSON.stringify(result.exceptionDetails))
    return result.result.value
  } finally {
    socket.terminate()
  }
}

async function inspectorOf(pid: number, port: number): Promise<string> {
  const [target] = await targetsOf(port).catch(async () => {
    process.kill(pid, 'SIGUSR1')
    return waitFor(() => targetsOf(port), { what: `the inspector of process ${pid}` })
  })
  if (target === undefined) throw new Error(`process ${pid} has nothing to inspect`)
  return target.webSocketDebuggerUrl
}

async function targetsOf(port: number): Promise<readonly { readonly webSocketDebuggerUrl: string }[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/json`)
  return (await answer.json()) as { webSocketDebuggerUrl: string }[]
}

import {readFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'

/** The commands that the page may have run, with answers on stdin; what they print is what it gets. */
export type Routes = Record<string, (answers: string) => Promise<string>>

const files: Record<string, string> = {
  '/': 'index.html',
  ...Object.fromEntries(['page.js', 'widgets.js', 'states.html', 'states.js'].map(name => [`/${name}`, name])),
}
const types: Record<string, string> = {html: 'text/html', js: 'text/javascript'}

/** All that a front end needs behind it: the page's files, and berth. */
export async function servePage(routes: Routes): Promise<{url: string; close: () => void}> {
  const server = createServer(async (request, response) => {
    const path = request.url ?? ''
    const run = request.method === 'POST' ? routes[path.slice(1)] : undefined
    const file = files[path]
    if (run !== undefined) {
      response.setHeader('content-type', 'application/json')
      response.end(await run(withoutSources(await text(request))))
    } else if (file !== undefined) {
      response.setHeader('content-type', types[file.split('.').at(-1) ?? ''] ?? '')
      response.end(await readFile(join(import.meta.dirname, file)))
    } else response.writeHead(404).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return {url: `http://127.0.0.1:${port}/`, close}
}

/** `$file` and `$env` would read this machine for whoever is at the page. */
function withoutSources(answers: string): string {
  const plain = JSON.parse(answers, (key, value) => (key === '$file' || key === '$env' ? undefined : value))
  return JSON.stringify(plain)
}

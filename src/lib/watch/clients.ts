import type {ServerResponse} from 'node:http'
import type {WebSocket} from 'ws'
import type {Client, Filter} from './hub.ts'

/** A client whose connection has to be seen to be alive. */
export interface Connection extends Client {
  /** Called now and then. */
  beat(): void
}

const farewell = {slow: 'too slow: resume after the last event', closing: 'closing'}
/** How long one may take to hear that it is cut. */
const lastWords = 5000

export function webSocketClient(socket: WebSocket, filter: Filter): Connection {
  let alive = true
  socket.on('pong', () => {
    alive = true
  })
  socket.on('error', () => socket.terminate())
  return {
    filter,
    send: ({json}) => socket.send(json, {binary: false}),
    waiting: () => socket.bufferedAmount,
    end(why) {
      // RFC 6455: 1013 try again later, 1001 going away.
      socket.close(why === 'slow' ? 1013 : 1001, farewell[why])
      setTimeout(() => socket.terminate(), lastWords).unref()
    },
    beat() {
      if (!alive) return socket.terminate()
      alive = false
      socket.ping()
    },
  }
}

export function eventStreamClient(response: ServerResponse, filter: Filter): Connection {
  response.writeHead(200, {'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no'})
  response.write('retry: 1000\n\n')
  response.on('error', () => response.destroy())
  return {
    filter,
    send: ({sse}) => void response.write(sse),
    waiting: () => response.writableLength,
    end(why) {
      response.end(`event: end\ndata: ${JSON.stringify({reason: farewell[why]})}\n\n`)
      setTimeout(() => response.destroy(), lastWords).unref()
    },
    // A comment: proxies keep a connection that says something.
    beat: () => void response.write(':\n\n'),
  }
}

import type {WebSocket} from 'ws'

const pingEvery = 20_000
/** Three pings without any sign of life. */
const deadAfter = 60_000
/** While input is on its way, the API server may be stuck writing it to a command that does not read, and then reads no ping either. */
const deadAfterInput = 600_000

export interface Heartbeat {
  /** The server has shown that it lives. */
  beat: () => void
  /** Input was sent. */
  sent: () => void
  stop(): void
}

/**
 * Keeps proxies from cutting an idle connection (kubernetes/kubernetes#66661: 5 minutes) and notices one that is dead: TCP alone takes
 * a quarter of an hour, or for ever. While the socket is paused for a full sink, silence is our own doing and does not count.
 */
export function keepAlive(socket: WebSocket, dead: (why: string) => void, now = () => performance.now()): Heartbeat {
  let lastBeat = now()
  let inputSince = false
  const beat = () => {
    lastBeat = now()
  }
  const pong = () => {
    beat()
    inputSince = false
  }
  const timer = setInterval(() => {
    if (socket.isPaused) return beat()
    const silence = now() - lastBeat
    if (silence > (inputSince ? deadAfterInput : deadAfter))
      return dead(`no sign of life for ${Math.round(silence / 1000)} s`)
    if (socket.readyState === socket.OPEN) socket.ping()
  }, pingEvery)
  socket.on('pong', pong)
  return {
    beat,
    sent: () => {
      inputSince = true
    },
    stop: () => {
      clearInterval(timer)
      socket.off('pong', pong)
    },
  }
}

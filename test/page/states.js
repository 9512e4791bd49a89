/**
 * Shows apps as `berth app watch --listen` tells of them: a snapshot, then each change; after a lost connection it goes on from the last
 * event that it has. Where to listen stands behind the # of its address, which no server sees.
 */
const place = new URLSearchParams(location.hash.slice(1))
const table = document.querySelector('table')
const rows = new Map()
let last

function listen() {
  const url = new URL(place.get('url').replace('http', 'ws'))
  if (last !== undefined) url.searchParams.set('after', last)
  const socket = new WebSocket(url, ['berth.events.v1', `berth.token.${place.get('token')}`])
  socket.onopen = () => {
    table.dataset.live = 'true'
  }
  socket.onmessage = async ({data}) => hear(JSON.parse(data))
  socket.onclose = () => {
    table.dataset.live = 'false'
    setTimeout(listen, 500)
  }
}

function hear(event) {
  last = event.id
  if (event.type === 'snapshot') {
    for (const app of rows.keys()) show(app, null)
    for (const state of event.apps) show(`${state.namespace}/${state.name}`, state)
  } else {
    show(event.app, event.state)
    const line = document.createElement('li')
    line.textContent = `${event.app} ${event.type} ${JSON.stringify(event.to ?? '')}`
    document.querySelector('#seen').append(line)
  }
}

function show(app, state) {
  rows.get(app)?.remove()
  rows.delete(app)
  if (state === null) return
  const {phase, health, replicas, version, operation} = state
  const row = document.createElement('tr')
  Object.assign(row.dataset, {app, phase, health})
  const texts = [
    app,
    phase,
    replicas === null ? '?' : `${replicas.now}/${replicas.wanted}`,
    version === null ? '' : `${version.package} ${version.version}`,
    operation === null ? '' : `${operation.kind}: ${operation.step ?? ''}`,
  ]
  for (const text of texts) row.append(Object.assign(document.createElement('td'), {textContent: text}))
  table.tBodies[0].append(row)
  rows.set(app, row)
}

listen()

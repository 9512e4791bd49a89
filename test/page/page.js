/**
 * Draws a form from `berth app form --json` alone: no word of the package is known here. Conditions and defaults that depend on answers
 * are worked out by asking again after each answer, as berth's own form does; errors come from `berth app validate --json`.
 */
import {draw, put, steps} from './widgets.js'

const page = document.querySelector('form')
const answers = {}
/** What `app form` said last, by pointer; and what is drawn for it. */
const drawn = new Map()

async function ask(what) {
  const response = await fetch(what, {method: 'POST', body: JSON.stringify(answers)})
  return response.json()
}

async function start() {
  const {result, error} = await ask('form')
  if (error) return showErrors([error])
  document.title = document.querySelector('h1').textContent = result.package.title
  document.querySelector('#description').textContent = result.package.description
  for (const {field, answer} of result.fields) if (answer !== undefined) put(answers, steps(field), answer)
  drawAll(result.fields)
  refresh(result.fields)
  page.addEventListener('change', followConditions)
  page.addEventListener('submit', submit)
  ready()
}

/** In order; fields of a nested object inside it, and neighbours of one group under its name. */
function drawAll(fields) {
  let set
  for (const field of fields) {
    const around = fields.findLast(one => one.widget === 'group' && field.field.startsWith(`${one.field}/`))
    const top = document.querySelector(field.advanced ? '#advanced' : '#fields')
    if (around === undefined && (set?.parentElement !== top || set.name !== (field.group ?? ''))) {
      set = Object.assign(document.createElement('fieldset'), {name: field.group ?? ''})
      set.append(Object.assign(document.createElement('legend'), {textContent: field.group ?? ''}))
      top.append(set)
    }
    const made = draw(field, steps(field.field), {answers, changed: followConditions})
    drawn.set(field.field, made)
    ;(around === undefined ? set : drawn.get(around.field).inside).append(made.element)
  }
  document.querySelector('details').hidden = !fields.some(field => field.advanced)
}

/** Shows what is asked for with these answers, with the defaults that count now. */
function refresh(fields) {
  for (const field of fields) {
    const {element, offer} = drawn.get(field.field)
    element.hidden = !field.active
    offer?.(field)
  }
}

let asked = 0
async function followConditions() {
  busy()
  const mine = ++asked
  const {result} = await ask('form')
  if (mine !== asked) return // another answer came in between
  if (result) refresh(result.fields)
  ready()
}

async function submit(event) {
  event.preventDefault()
  busy()
  const output = document.querySelector('output')
  output.textContent = ''
  for (const what of ['validate', 'install']) {
    const {error, result} = await ask(what)
    showErrors(error ? (error.details ?? [error]) : [])
    if (error) break
    if (what === 'install') output.textContent = `Installed ${result.plan.app.name}`
  }
  ready()
}

/** Each at its field, or at the innermost that is drawn around it. */
function showErrors(errors) {
  for (const element of document.querySelectorAll('.error')) element.textContent = ''
  for (const {field = '', message} of errors) {
    const place = placeOf(field)
    place.textContent += `${place.textContent === '' ? '' : '\n'}${message}`
    place.closest('details')?.setAttribute('open', '')
  }
}

function placeOf(pointer) {
  const element = document.querySelector(`[data-field="${CSS.escape(pointer)}"]`)
  if (element) return element.querySelector(':scope > .error')
  return pointer === '' ? document.querySelector('#errors') : placeOf(pointer.slice(0, pointer.lastIndexOf('/')))
}

const busy = () => page.setAttribute('aria-busy', 'true')
const ready = () => page.setAttribute('aria-busy', 'false')

busy()
await start()

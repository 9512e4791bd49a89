/** A widget for each way to draw a field. An empty answer is none: the default counts, which is never sent. */

/** The steps of a JSON pointer. */
export const steps = pointer =>
  pointer
    .split('/')
    .slice(1)
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))

const pointerOf = path => path.map(step => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** Undefined takes an answer away, and an entry out of its list. */
export function put(answers, [step, ...rest], value) {
  if (rest.length > 0) {
    answers[step] ??= typeof rest[0] === 'number' ? [] : {}
    put(answers[step], rest, value)
  } else if (value !== undefined) answers[step] = value
  else if (Array.isArray(answers)) answers.splice(step, 1)
  else delete answers[step]
}

/** A field at a path; `form` has the answers, and `changed` to call where no event of the page says it. */
export function draw(field, path, form) {
  const element = make('div', {className: 'field'})
  element.dataset.field = pointerOf(path)
  const get = () => path.reduce((value, step) => value?.[step], form.answers)
  const widget = field.widget in widgets ? widgets[field.widget] : text
  const {inside, offer} = widget({field, path, form, get, put: value => put(form.answers, path, value)})
  const label = make('label', {textContent: field.title, className: field.required ? 'required' : ''})
  const control = inside.matches('input, select, textarea') ? inside : inside.querySelector('input, select')
  if (control && field.widget !== 'group') label.htmlFor = control.id = `at${pointerOf(path)}`
  const help = make('p', {className: 'help', textContent: field.help ?? ''})
  element.append(label, help, inside, make('p', {className: 'error'}))
  offer?.(field)
  return {element, inside, offer}
}

const widgets = {
  text,
  multiline: control => text(control, 'textarea'),
  /** What is no number is sent as it is: berth says what is wrong with it. */
  number: control => text(control, 'input', typed => (Number.isNaN(Number(typed)) ? typed : Number(typed))),
  boolean(control) {
    const {field, get, put} = control
    if (field.default === undefined && !field.required) {
      const choices = [true, false].map(value => ({value, title: value ? 'yes' : 'no'}))
      return widgets.choice({...control, field: {...field, choices}})
    }
    const inside = make('input', {type: 'checkbox'})
    inside.addEventListener('change', () => put(inside.checked))
    return {inside, offer: ({default: byDefault}) => (inside.checked = get() ?? byDefault ?? false)}
  },
  choice(control) {
    const {field, get, put} = control
    if (field.choices === undefined) return text(control) // what the cluster did not tell
    const titleOf = value => field.choices.find(choice => same(choice.value, value))?.title
    const options = field.choices.map(({title, value}) => ({title, take: () => put(value), is: value}))
    const inside = select([{title: '', take: () => put(undefined)}, ...options], get())
    const offer = ({default: byDefault}) => {
      inside.options[0].textContent = byDefault === undefined ? '' : `${titleOf(byDefault) ?? byDefault} (default)`
    }
    return {inside, offer}
  },
  password({field, get, put}) {
    const inside = make('div')
    const typed = make('input', {type: 'password', autocomplete: 'new-password'})
    const secret = make('input', {placeholder: 'namespace/name/key'})
    typed.addEventListener('change', () => put(typed.value === '' ? undefined : typed.value))
    secret.addEventListener('change', () => put({$secret: secret.value}))
    const none = field.kept ? 'Keep the present one' : field.constraints.generate === false ? '' : 'Generate'
    const ways = select(
      [
        {title: none, take: () => show()},
        {title: 'Type it', take: () => show(typed)},
        {title: 'A Secret of the cluster', take: () => show(secret)},
      ],
      get(),
    )
    const show = input => {
      put(undefined)
      inside.replaceChildren(ways, ...(input ? [input] : []))
    }
    inside.append(ways)
    return {inside}
  },
  file({field, put}) {
    const inside = make('input', {type: 'file'})
    inside.addEventListener('change', async () => {
      const [chosen] = inside.files
      if (chosen === undefined) return put(undefined)
      const isBinary = field.constraints.contentEncoding === 'base64'
      put(isBinary ? new Uint8Array(await chosen.arrayBuffer()).toBase64() : await chosen.text())
    })
    return {inside}
  },
  group({field, get, put}) {
    const inside = make('fieldset')
    if (field.required) return {inside}
    const box = make('input', {type: 'checkbox', checked: get() !== undefined})
    box.addEventListener('change', () => put(box.checked ? {} : undefined))
    inside.append(make('legend', {textContent: 'Set it'}), box)
    return {inside}
  },
  list: control => entries(control, [], (all, key) => all.filter((_, index) => index !== key)),
  dictionary: control =>
    entries(control, {}, (all, key) => Object.fromEntries(Object.entries(all).filter(([name]) => name !== key))),
  binding({field, path, form, get, put}) {
    const inside = make('div')
    const name = make('input', {placeholder: 'app:namespace/name, service:name or new:package'})
    name.addEventListener('change', () => put(name.value === '' ? undefined : name.value))
    const outright = field.item === undefined ? [] : drawParts(field.item, [...path, '$literal'], form)
    const ways = select(
      [
        {title: '', take: () => show(undefined)},
        ...(field.choices ?? []).map(({title, value, item = []}) => ({
          title,
          // a package to install first asks something, too
          take: () => show(structuredClone(value), ...drawParts(item.filter(isAsked), [...path, 'answers'], form)),
          is: value,
        })),
        {title: 'Another', take: () => show(undefined, name)},
        ...(field.item === undefined ? [] : [{title: 'An address', take: () => show({$literal: {}}, ...outright)}]),
      ],
      get(),
    )
    const show = (value, ...more) => {
      put(value)
      inside.replaceChildren(ways, ...more)
    }
    inside.append(ways)
    return {inside}
  },
  volume({field, get, put}) {
    const inside = make('div')
    const present = () => get() ?? {}
    const size = make('input', {value: present().size ?? ''})
    size.addEventListener('change', () => put(size.value === '' ? undefined : {...present(), size: size.value}))
    const classes = (field.choices ?? []).map(({title, value}) => ({
      title,
      is: value,
      take: () => put({...field.default, ...present(), class: value}),
    }))
    const take = () => {
      const {class: _was, ...rest} = present()
      put(rest.size === undefined ? undefined : rest)
    }
    inside.append(size, select([{title: "The cluster's default", take}, ...classes], present().class))
    return {inside, offer: ({default: byDefault}) => (size.placeholder = byDefault?.size ?? '')}
  },
}

function text({get, put, field}, tag = 'input', read = typed => typed) {
  const inside = make(tag, {value: shown(get())})
  // an entry stays, also while it is empty
  const empty = field.field.endsWith('/-') ? '' : undefined
  inside.addEventListener('change', () => put(inside.value === '' ? empty : read(inside.value)))
  return {inside, offer: ({default: byDefault, placeholder}) => (inside.placeholder = shown(byDefault ?? placeholder))}
}

/** A list or dictionary, edited in place; its default becomes an answer as soon as a part of it is changed. */
function entries({field, path, form, get, put}, empty, without) {
  const inside = make('div')
  const present = () => structuredClone(get() ?? field.default ?? empty)
  const name = make('input', {placeholder: 'name'})
  const isList = Array.isArray(empty)
  const redraw = () => {
    const all = present()
    const keys = isList ? [...all.keys()] : Object.keys(all)
    inside.replaceChildren(
      ...keys.map(key => {
        const entry = make('div', {className: 'entry'})
        const remove = () => change(without(present(), key))
        const title = make('span', {textContent: isList ? `${key + 1}. ` : `${key} `})
        entry.append(title, button('Remove', remove), ...drawParts(field.item, [...path, key], form))
        return entry
      }),
      ...(isList ? [] : [name]),
      button('Add', () => {
        const all = present()
        const blank = field.item[0].widget === 'group' ? {} : ''
        change(isList ? [...all, blank] : {...all, [name.value]: blank})
      }),
    )
  }
  const change = value => {
    put(value)
    redraw()
    form.changed()
  }
  redraw()
  return {inside}
}

/** The fields that an entry, or something said outright, is made of. Their pointers have a `-` where the path has the entry. */
function drawParts(parts, path, form) {
  const asked = parts.filter(({widget, required}) => widget !== 'group' || !required)
  return asked.map(part => draw(part, [...path, ...steps(part.field).slice(path.length)], form).element)
}

/** A choice of `{title, take, is}`: taking one calls its `take`; the present answer is chosen at first. */
function select(options, present) {
  const element = make('select')
  element.append(...options.map(({title}) => make('option', {textContent: title})))
  element.selectedIndex = Math.max(0, present === undefined ? 0 : options.findIndex(({is}) => same(is, present)))
  element.addEventListener('change', () => options[element.selectedIndex].take())
  return element
}

function button(textContent, onClick) {
  const element = make('button', {type: 'button', textContent})
  element.addEventListener('click', onClick)
  return element
}

const isAsked = ({active, advanced}) => active && !advanced
const make = (tag, properties = {}) => Object.assign(document.createElement(tag), properties)
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b)
const shown = value => (value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value))

import {forms, type KeyForm} from '../keys/index.ts'

/** Of what an app keeps, by name, what everybody may see: the public forms of keys. */
export function publishedOf(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => {
      const form = name.slice(name.lastIndexOf('.') + 1)
      return Object.hasOwn(forms, form) && !forms[form as KeyForm].secret
    }),
  )
}

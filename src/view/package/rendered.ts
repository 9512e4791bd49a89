import {stringify} from 'yaml'
import type {Preview} from '../../lib/authoring/index.ts'
import type {View} from '../terminal.ts'

export type RenderedPackage = Preview

/** YAML documents, as `kubectl diff -f -` takes them. */
export const renderedPackageView: View<RenderedPackage> = ({objects}) =>
  objects
    .map(({object, component, task}) => {
      const what = task ? `task ${task}` : component ? `component ${component}` : undefined
      return `---\n${what ? `# ${what}\n` : ''}${stringify(object, {lineWidth: 0})}`
    })
    .join('')
    .trimEnd()

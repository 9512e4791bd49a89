import type {Preview} from '../../lib/authoring/index.ts'
import type {View} from '../terminal.ts'
import {toYaml} from '../yaml.ts'

export type RenderedPackage = Preview

/** YAML documents, as `kubectl diff -f -` takes them. */
export const renderedPackageView: View<RenderedPackage> = ({objects}) =>
  objects
    .map(({object, component, task}) => {
      const what = task ? `task ${task}` : component ? `component ${component}` : undefined
      return `---\n${what ? `# ${what}\n` : ''}${toYaml(object)}`
    })
    .join('')
    .replace(/\n$/, '')

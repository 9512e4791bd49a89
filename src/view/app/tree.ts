import type {TreeNode} from '../../lib/app/index.ts'
import type {Paint, View} from '../terminal.ts'

export interface AppTree {
  tree: TreeNode
}

export const appTreeView: View<AppTree> = ({tree}, {paint}) =>
  [title(tree, paint), ...below(tree, '', paint)].join('\n')

function below({children}: TreeNode, indent: string, paint: Paint): string[] {
  return children.flatMap((child, i) => {
    const last = i === children.length - 1
    return [
      `${indent}${last ? '└─' : '├─'} ${title(child, paint)}`,
      ...below(child, `${indent}${last ? '   ' : '│  '}`, paint),
    ]
  })
}

const lead: Record<string, string> = {App: '', Component: 'component ', Provider: 'uses ', User: 'used by '}

function title({kind, name, ready, note}: TreeNode, paint: Paint): string {
  const mark = ready === null ? '·' : ready ? paint.green('✓') : paint.red('✗')
  const said = note === '' ? '' : `  ${paint.dim(note)}`
  return `${mark} ${lead[kind] ?? `${kind} `}${kind === 'App' ? paint.bold(name) : name}${said}`
}

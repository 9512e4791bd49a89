import {
  createBudget,
  evaluateExpression,
  evaluateTemplate,
  holdsSecret,
  parseExpression,
  parseTemplate,
  type Scope,
} from '../expr/index.ts'
import {templateFailed} from './errors.ts'
import {renderContext} from './render.ts'
import {baseScope, baseTypes} from './template-scope.ts'
import type {Package, RenderScope, Task} from './types.ts'

/** What people read after an install. */
export interface ShownTexts {
  notes: string | undefined
  /** `secret` is the name of a secret parameter, shown on demand. */
  outputs: Record<string, {title: string; value: unknown; secret: string | undefined}>
}

/**
 * Notes and outputs of an app.
 * @throws ExpressionError `template.failed`, also where a secret would be shown
 */
export function renderShown(pkg: Package, scope: RenderScope): ShownTexts {
  const {values, rendering} = renderContext(pkg, scope)
  const {notes, outputs} = pkg.manifest
  const show = (text: string, where: string): unknown => {
    const position = {file: `package.yaml (${where})`, line: 1, column: 1}
    const value = evaluateTemplate(
      parseTemplate(text, position),
      {...values, parts: {}},
      {types: rendering.types, budget: rendering.budget},
    )
    if (holdsSecret(value))
      throw templateFailed(
        position,
        'secret',
        'a secret in a text that is shown',
        'name the parameter instead: secret: password',
      )
    return value
  }
  return {
    notes: notes === undefined ? undefined : String(show(notes, 'notes')),
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([name, {title, value, secret}]) => [
        name,
        {title, value: show(value, `outputs.${name}`), secret},
      ]),
    ),
  }
}

/**
 * Does a task run? Without `when` it does. `changed(params.x)` compares with `previous`; without that everything has changed.
 * @throws ExpressionError `template.failed`
 */
export function evaluateTaskCondition(
  {manifest}: Package,
  task: Task,
  scope: RenderScope,
  previous?: RenderScope,
): boolean {
  if (task.when === undefined) return true
  const expression = parseExpression(task.when, {file: 'package.yaml (tasks)', line: 1, column: 1})
  const before: Scope | undefined = previous === undefined ? undefined : baseScope(manifest, previous)
  const value = evaluateExpression(expression, baseScope(manifest, scope), {
    types: baseTypes(manifest),
    budget: createBudget(),
    ...(before === undefined ? {} : {previous: before}),
  })
  return value === true
}

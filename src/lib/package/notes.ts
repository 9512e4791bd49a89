import {evaluateTemplate, parseTemplate} from '../expr/index.ts'
import {resolveEndpoints} from './endpoints.ts'
import {baseScope, filesOf} from './template-scope.ts'
import type {Package, RenderScope} from './types.ts'

/** What the package tells after an install; undefined where it tells nothing. @throws ExpressionError `template.failed` */
export function renderNotes(pkg: Package, scope: RenderScope): string | undefined {
  const {notes} = pkg.manifest
  if (notes === undefined) return undefined
  const provides = Object.fromEntries(resolveEndpoints(pkg.manifest, scope).map(({name, address}) => [name, address]))
  const position = {file: 'package.yaml (notes)', line: 1, column: 1}
  return String(
    evaluateTemplate(parseTemplate(notes, position), {
      ...baseScope(pkg.manifest, scope),
      provides,
      files: filesOf(pkg),
    }),
  )
}

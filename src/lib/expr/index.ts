/**
 * The expression language: bare CEL, and texts with `${CEL}` in them. Parsed (parser.ts), checked by types
 * (check.ts), evaluated (evaluator.ts), bounded in cost (limits.ts), and blind to secrets (see {@link SecretToken}).
 */
export type {CheckOptions} from './check.ts'
export {checkExpression, checkTemplate} from './check.ts'
export type {Checked} from './checker.ts'

export {describePosition, ExpressionError} from './errors.ts'
export type {EvaluateOptions} from './evaluate.ts'
export {evaluateExpression, evaluateTemplate} from './evaluate.ts'
export {assumeTrue} from './narrow.ts'
export type {Comparison, Expression} from './parse.ts'
export {comparisonsIn, parseExpression, referencesIn} from './parse.ts'
export {typeName} from './relations.ts'
export type {Budget} from './run.ts'
export {createBudget} from './run.ts'
export type {SecretToken} from './secrets.ts'
export {hasSecret, holdsSecret, maskSecrets, revealSecrets, secretNames, secretsIn, secretToken} from './secrets.ts'
export type {Signature} from './signatures.ts'

export type {Template, TemplatePart} from './template.ts'
export {escapeTemplate, isTemplate, parseTemplate} from './template.ts'
export type {ExprType, Locator, Position, Problem, Scope, TypeScope} from './types.ts'
export {OMIT} from './values.ts'

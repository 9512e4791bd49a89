import {type Budget, createBudget} from '../expr/index.ts'
import {compileExpression} from './expressions.ts'
import {isRecord} from './json.ts'
import type {Choice, ChoiceLookup, ClusterItem, ParamSchema, Picked} from './types.ts'

/** What in the cluster parameters may pick from. */
export const choiceSources = [
  ...(['storageClasses', 'nodes', 'namespaces', 'ingressClasses', 'priorityClasses'] as const),
  ...(['services', 'serviceAccounts', 'persistentVolumeClaims', 'configMaps', 'secrets'] as const),
  ...(['issuers'] as const), // of cert-manager, as `Issuer/name` and `ClusterIssuer/name`
]
export type ChoiceSource = (typeof choiceSources)[number]

/** What a parameter says of the cluster's choices. */
export function choicesWord({choices}: ParamSchema): {from: string; where?: string} | undefined {
  return isRecord(choices) && typeof choices.from === 'string' ? (choices as {from: string; where?: string}) : undefined
}

/** What the cluster offers for a parameter; undefined where it may not be asked. */
export async function offered(
  {from, where}: Pick<Picked, 'from' | 'where'>,
  lookup: Pick<ChoiceLookup, 'items'>,
): Promise<Choice[] | undefined> {
  const items = await lookup.items(from)
  const budget = createBudget()
  return items
    ?.filter(item => fits(item, where, budget))
    .map(({name, default: byDefault}) => ({value: name, title: byDefault === true ? `${name} (default)` : name}))
}

/** What an expression cannot be worked out for, such as a label that is not there, does not fit. */
function fits(item: ClusterItem, where: string | undefined, budget: Budget): boolean {
  if (where === undefined) return true
  const result = compileExpression(where, 'choices').evaluate({item}, {budget})
  return 'value' in result && result.value === true
}

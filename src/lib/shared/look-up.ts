import type {Kube} from '../kube/index.ts'
import {isForbidden} from '../kube/index.ts'
import type {Answers, Found, Shared, SharedValue} from '../params/index.ts'
import {valueReferences} from '../params/index.ts'
import {nearestShared} from './scope.ts'
import {findValue} from './values.ts'

/** What the answers of an app refer to. What is not there is left out; what may not be read says so at its field. */
export async function lookUpShared(kube: Kube, namespace: string, answers: Answers): Promise<Shared> {
  const values = new Set(valueReferences(answers).map(({name}) => name))
  return {values: await lookUp(values, name => nearestShared(namespace, name, ref => findValue(kube, ref)))}
}

async function lookUp<T>(
  names: ReadonlySet<string>,
  find: (name: string) => Promise<T | undefined>,
): Promise<Record<string, Found<T>>> {
  const entries = await Promise.all([...names].map(async name => [name, await orProblem(() => find(name))] as const))
  return Object.fromEntries(entries.flatMap(([name, found]) => (found === undefined ? [] : [[name, found]])))
}

async function orProblem<T>(find: () => Promise<T>): Promise<Found<T>> {
  try {
    return await find()
  } catch (error) {
    if (isForbidden(error) && error instanceof Error)
      return {problem: `refers to what you may not read: ${error.message}`}
    throw error
  }
}

/** Of what was looked up, what is there: a revision keeps it. */
export const foundValues = ({values}: Shared): Record<string, SharedValue> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, SharedValue] => !('problem' in entry[1])))

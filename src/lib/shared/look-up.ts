import type {Kube} from '../kube/index.ts'
import {isForbidden} from '../kube/index.ts'
import type {Answers, Found, Shared, SharedService, SharedValue} from '../params/index.ts'
import {serviceReferences, valueReferences} from '../params/index.ts'
import {nearestShared} from './scope.ts'
import {findService} from './services.ts'
import {findValue} from './values.ts'

/** What the answers of an app refer to. What is not there is left out; what may not be read says so at its field. */
export async function lookUpShared(kube: Kube, namespace: string, answers: Answers): Promise<Shared> {
  const [values, services] = await Promise.all([
    lookUp(valueReferences(answers), name => nearestShared(namespace, name, ref => findValue(kube, ref))),
    lookUp(serviceReferences(answers), name => nearestShared(namespace, name, ref => findService(kube, ref))),
  ])
  return {values, services}
}

async function lookUp<T>(
  references: readonly {name: string}[],
  find: (name: string) => Promise<T | undefined>,
): Promise<Record<string, Found<T>>> {
  const names = [...new Set(references.map(({name}) => name))]
  const entries = await Promise.all(names.map(async name => [name, await orProblem(() => find(name))] as const))
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
export const foundShared = ({values, services}: Shared) => ({values: found(values), services: found(services)})

const found = <T extends SharedValue | SharedService>(entries: Record<string, Found<T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(entries).filter((entry): entry is [string, T] => !('problem' in entry[1])))

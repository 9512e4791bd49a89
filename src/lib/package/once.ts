import type {Package} from './types.ts'

/** Works something out for a package when it is first asked for. */
export function oncePerPackage<T>(work: (pkg: Package) => T): (pkg: Package) => T {
  const known = new WeakMap<Package, {result: T}>()
  return pkg => {
    const found = known.get(pkg) ?? {result: work(pkg)}
    known.set(pkg, found)
    return found.result
  }
}

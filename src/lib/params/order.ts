/** Items, each after those that it needs, and the loops among them: in a loop each needs the next, and the last the first again. */
export function inOrderOfNeed<T>(items: Iterable<T>, needs: (item: T) => readonly T[]): {order: T[]; loops: T[][]} {
  const order = new Set<T>()
  const loops: T[][] = []
  for (const item of items) visit(item, [])
  return {order: [...order], loops}

  function visit(item: T, way: T[]): void {
    if (order.has(item)) return
    if (way.includes(item)) return void loops.push(way.slice(way.indexOf(item)))
    for (const other of needs(item)) visit(other, [...way, item])
    order.add(item)
  }
}

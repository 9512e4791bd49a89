import type {Position} from '../expr/index.ts'
import {templateFailed} from './errors.ts'
import {groupKind} from './kinds.ts'
import {limits} from './limits.ts'
import {describeObject} from './objects.ts'
import type {RenderedObject} from './types.ts'

/** Rendered objects so far, within the limits, none twice. */
export class Collection {
  readonly objects: RenderedObject[] = []
  readonly #seen = new Map<string, Position>()
  #bytes = 0

  /** @throws ExpressionError `template.failed` */
  add(rendered: RenderedObject): void {
    const {object, position} = rendered
    const described = describeObject(object)
    const identity = [groupKind(object), object.metadata.namespace ?? '', object.metadata.name].join(' ')
    const first = this.#seen.get(identity)
    if (first !== undefined) {
      const message = `${described} is rendered twice, first by ${first.file}:${first.line}`
      throw templateFailed(position, 'duplicate-object', message)
    }
    this.#seen.set(identity, position)
    this.objects.push(rendered)
    const bytes = Buffer.byteLength(JSON.stringify(object))
    this.#bytes += bytes
    const tooMuch =
      bytes > limits.objectBytes
        ? `${described} has ${bytes} bytes, ${limits.objectBytes} are allowed`
        : this.#bytes > limits.renderedBytes
          ? `the objects have more than ${limits.renderedBytes} bytes together`
          : this.objects.length > limits.objects
            ? `more than ${limits.objects} objects`
            : undefined
    if (tooMuch !== undefined) throw templateFailed(position, 'limit', tooMuch)
  }
}

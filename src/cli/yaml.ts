import {stringify} from 'yaml'

/** YAML without folded lines. A file of its own because bundled CommonJS has no named exports when imported at run time. */
export const toYaml = (value: unknown): string => stringify(value, {lineWidth: 0})

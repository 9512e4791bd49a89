import type {InterfaceSchema} from '../types.ts'
import {http} from './http.ts'
import {postgresql} from './postgresql.ts'
import {tcp} from './tcp.ts'

/** The interfaces that berth ships, by name. */
export const builtinInterfaces: Readonly<Record<string, InterfaceSchema>> = {http, postgresql, tcp}

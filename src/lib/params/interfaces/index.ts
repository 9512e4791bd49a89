import type {InterfaceSchema} from '../types.ts'
import {http} from './http.ts'
import {mysql} from './mysql.ts'
import {postgresql} from './postgresql.ts'
import {redis} from './redis.ts'
import {s3} from './s3.ts'
import {smtp} from './smtp.ts'
import {tcp} from './tcp.ts'

/** The interfaces that berth ships, by name. */
export const builtinInterfaces: Readonly<Record<string, InterfaceSchema>> = {
  http,
  mysql,
  postgresql,
  redis,
  s3,
  smtp,
  tcp,
}

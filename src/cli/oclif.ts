/** The types of oclif that we name, in one place: its index would cost start-up time, its subpaths do not. */
export type * as Interfaces from '@oclif/core/interfaces'

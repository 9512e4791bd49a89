/** How apps stand and what changes, as events: for a terminal, a pipeline, and front ends that listen. */
export {isToken} from './door.ts'
export {type ServeOptions, serveEvents} from './serve.ts'
export type {AppChange, AppSnapshot, AppState, Listening} from './types.ts'
export {watchApps} from './watch-apps.ts'

/** The logs of an app: all its containers as one, in the order of their times. */
export {type AppLogsOptions, appLogs} from './app-logs.ts'
export {bytesOf, textOf} from './bytes.ts'
export type {LogSource, WriteLine} from './types.ts'

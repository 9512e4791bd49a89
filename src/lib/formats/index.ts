export {type Cron, nextRun, parseCron} from './cron.ts'
export {type ImageReference, parseImage} from './image.ts'

/** Sets of apps, declared in one file and brought about together. */
export {type AppApplied, carryOutSet} from './carry-out.ts'
export {type AppSet, appSetSchema, readAppSet} from './file.ts'
export {type AppPlan, type PreparedSet, planSet, type SetOptions, type SetPlan} from './plan.ts'

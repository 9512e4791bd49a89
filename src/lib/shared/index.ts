/** What apps share under a name, in a namespace or in all of the cluster. */
export {checkService, type ServiceCheck} from './check.ts'
export {foundShared, lookUpShared} from './look-up.ts'
export type {SharedRef, SharedUser} from './scope.ts'
export {clusterNamespace} from './scope.ts'
export type {ServiceRow} from './services.ts'
export {
  addService,
  listServices,
  removeService,
  type ServiceForm,
  serviceForm,
  servicesFor,
  showService,
} from './services.ts'
export type {ValueRow, ValueSet} from './values.ts'
export {deleteValue, listValues, setValue, showValue} from './values.ts'

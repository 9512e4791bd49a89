import {UserError} from '../../lib/errors.ts'

/** Ctrl-C in a form: nothing has been changed yet, so that is all there is to say. */
export function interrupted(): UserError {
  return new UserError('operation.interrupted', {message: 'interrupted: nothing was changed'})
}

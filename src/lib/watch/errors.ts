import {UserError} from '../errors.ts'

export const cannotListen = (where: string, cause: NodeJS.ErrnoException) =>
  new UserError('listen.failed', {
    message: `cannot listen on ${where}: ${cause.code === 'EADDRINUSE' ? 'something else does' : cause.message}`,
    hint: 'another port, or 0 for any that is free',
    cause,
  })

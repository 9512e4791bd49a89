import {readdir, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {makeFolder} from '../make-folder.ts'
import {type InitAnswers, initPackage, initParameters} from '../package/index.ts'
import {type Answers, type FormField, formFields, type Resolution, resolveParameters} from '../params/index.ts'
import {badName, folderNotEmpty} from './errors.ts'

export interface CreatedPackage {
  name: string
  /** Absolute. */
  folder: string
  /** Paths below it. */
  files: string[]
}

const NAME = /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/

/** The form of a new package: its fields for these answers, and what is made of them with all that is wrong. */
export interface InitForm {
  fields(answers: Answers): Promise<FormField[]>
  resolve(answers: Answers): Promise<Resolution>
}

/** @throws UserError `usage.invalid` for a name that no package may have */
export function initForm(name: string): InitForm {
  if (!NAME.test(name)) throw badName(name)
  const context = {
    app: {name, namespace: 'default', revision: 1},
    cluster: {domain: 'localhost', ingressClass: null, storageClass: null, kubernetes: ''},
    images: {},
    kept: new Set<string>(),
    bindings: {},
    interfaces: {},
    read: {file: () => Promise.reject(new Error('no parameter is a file')), env: () => undefined},
    secretName: '',
  }
  return {
    fields: answers => formFields(initParameters, answers, context),
    resolve: answers => resolveParameters({parameters: initParameters}, answers, context),
  }
}

/** Writes a small, complete package into a new or empty folder. @throws UserError `usage.invalid`, `package.exists` */
export async function createPackage(name: string, folder: string, answers: InitAnswers): Promise<CreatedPackage> {
  const present = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    if (error.code === 'ENOTDIR') throw folderNotEmpty(folder)
    throw error
  })
  if (present.length > 0) throw folderNotEmpty(folder)
  const files = initPackage(name, answers)
  for (const [path, bytes] of files) {
    makeFolder(dirname(join(folder, path)), 0o777)
    await writeFile(join(folder, path), bytes, {flag: 'wx'})
  }
  return {name, folder, files: [...files.keys()]}
}

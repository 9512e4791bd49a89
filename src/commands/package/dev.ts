import {resolve} from 'node:path'
import {string} from '@oclif/core/args'
import {gatherAnswers, readerFor} from '../../cli/answers.ts'
import {BerthCommand} from '../../cli/base-command.ts'
import {answerFlags} from '../../cli/flags.ts'
import {developPackage, previewPackage} from '../../lib/authoring/index.ts'
import {type PackageDeveloped, packageDevelopedView} from '../../view/package/developed.ts'

export default class PackageDev extends BerthCommand<typeof PackageDev, PackageDeveloped> {
  static override summary = 'render, lint and compare a package on every save, until Ctrl-C'
  static override description =
    'Needs no cluster. Shows what a save changes in the rendered objects; with --json one document a line, a save each. To compare with a cluster, berth app plan ./FOLDER.'
  static override examples = [
    {description: 'the package of this folder', command: 'berth package dev .'},
    {description: 'with answers', command: 'berth package dev ./wiki --answers ./wiki/tests/small.yaml'},
  ]
  static override args = {folder: string({description: 'the folder', required: true})}
  static override flags = answerFlags
  static override resultKind = 'PackageDeveloped'
  static override view = packageDevelopedView

  async run(): Promise<AsyncIterable<PackageDeveloped>> {
    const {args, flags, signal} = await this.input()
    const {paths, defaults} = await this.settings()
    const read = readerFor(paths.workDir, this.session.env)
    return developPackage(
      resolve(paths.workDir, args.folder),
      async pkg =>
        previewPackage(pkg, {
          app: {name: pkg.manifest.name, namespace: 'default'},
          answers: await gatherAnswers(flags, pkg, read, this.words),
          cluster: {domain: 'localhost', ingressClass: null, storageClass: null, ...defaults, kubernetes: '1.34.0'},
          read,
        }),
      signal,
    )
  }
}

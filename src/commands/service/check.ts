import {string} from '@oclif/core/flags'
import {ClusterCommand} from '../../cli/cluster-command.ts'
import {sharedArgs, sharedFlags, sharedRef} from '../../cli/shared-flags.ts'
import {checkService, showService} from '../../lib/shared/index.ts'
import {type ServiceCheck, serviceCheckView} from '../../view/service/checked.ts'

export default class ServiceCheckCommand extends ClusterCommand<typeof ServiceCheckCommand, ServiceCheck> {
  static override summary = 'connect to a service from inside the cluster, by a pod of a few seconds'
  static override examples = [
    {description: 'exit code 6 where it cannot be reached', command: 'berth service check erp -n web'},
  ]
  static override args = sharedArgs
  static override flags = {
    ...sharedFlags,
    image: string({
      summary: 'what the pod runs: any image with sh and nc',
      helpValue: 'IMAGE',
      default: 'docker.io/library/busybox:1.35',
    }),
  }
  static override resultKind = 'ServiceCheck'
  static override view = serviceCheckView

  async run(): Promise<ServiceCheck> {
    const context = await this.context()
    const {kube, args, flags, signal} = context
    const ref = sharedRef(context, args)
    const service = await showService(kube, ref, signal)
    const checked = await checkService(kube, service, {from: ref.namespace, image: flags.image}, signal)
    this.verdict(checked.reachable ? 0 : 6)
    return checked
  }
}

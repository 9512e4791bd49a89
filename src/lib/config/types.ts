/** Where berth keeps its own files on this machine. Absolute. */
export interface LocalPaths {
  configFile: string
  /** Trust list, crash reports: what is remembered, and cannot be computed again. */
  stateDir: string
  /** What can be deleted at any time. */
  cacheDir: string
  /** What relative paths of the command line start from. */
  workDir: string
}

/** A place that packages come from. */
export interface Repository {
  name: string
  /** An absolute folder; later `https://`, `s3://`, `oci://`. */
  location: string
}

/** What holds for one cluster, said by its ConfigMap `berth/berth` or by the operator's own file. */
export interface ClusterSettings {
  /** Below it apps get their host names: `wiki.apps.example.com`. */
  domain: string
  ingressClass: string | null
  storageClass: string | null
}

/** `config.yaml`, checked. */
export interface LocalConfig {
  repositories: Repository[]
  /** For every cluster. */
  defaults: Partial<ClusterSettings>
  /** By the kubeconfig's context; wins over `defaults`. */
  clusters: Record<string, Partial<ClusterSettings>>
}

/** What this machine says: needs no cluster. */
export interface LocalSettings extends LocalConfig {
  paths: LocalPaths
}

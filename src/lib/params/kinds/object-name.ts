/** `wiki-data-dir` of app wiki's `dataDir`: Kubernetes' names have no capitals and no dots within labels. */
export function objectName(app: string, parameter: string): string {
  const words = parameter.replace(/([a-z0-9])([A-Z])/g, '$1-$2').replace(/[^a-zA-Z0-9]+/g, '-')
  return `${app}-${words.toLowerCase()}`
}

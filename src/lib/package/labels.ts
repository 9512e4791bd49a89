/** What selects the pods of a component: constant for the life of an app, so no version and no package name. */
export function selectorOf(app: string, component: string): Record<string, string> {
  return {'app.kubernetes.io/component': component, 'app.kubernetes.io/instance': app}
}

/** Labels of every object of an app. */
export function labelsOf(packageName: string, app: string, component: string | undefined): Record<string, string> {
  return {
    'app.kubernetes.io/name': packageName,
    'app.kubernetes.io/instance': app,
    'app.kubernetes.io/managed-by': 'berth',
    ...(component === undefined ? {} : {'app.kubernetes.io/component': component}),
  }
}

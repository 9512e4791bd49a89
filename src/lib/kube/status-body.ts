/** The body of every refusal (meta/v1 `Status`). */
export interface Status {
  status?: string
  message?: string
  reason?: string
  code?: number
  details?: {
    name?: string
    group?: string
    kind?: string
    uid?: string
    causes?: StatusCause[]
    retryAfterSeconds?: number
  }
}

export interface StatusCause {
  reason?: string
  message?: string
  field?: string
}

/** What every error of the API server has in its details, besides what its code adds. */
export interface StatusDetails {
  verb: string
  group: string
  resource: string
  namespace: string | undefined
  name: string | undefined
  causes: StatusCause[]
}

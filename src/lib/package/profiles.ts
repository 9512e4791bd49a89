import type {Component} from './types.ts'

/** Resources of containers that say none. Memory is limited, as a leak hurts the neighbours; the processor is not, as idle time is free. */
export const profiles: Record<NonNullable<Component['profile']>, Record<string, Record<string, string>>> = {
  small: {requests: {cpu: '50m', memory: '128Mi'}, limits: {memory: '256Mi'}},
  medium: {requests: {cpu: '250m', memory: '512Mi'}, limits: {memory: '1Gi'}},
  large: {requests: {cpu: '1', memory: '2Gi'}, limits: {memory: '4Gi'}},
}

/** What the API server takes for a DNS label (RFC 1123), such as the name of a namespace. */
export const isLabel = (text: string): boolean => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)

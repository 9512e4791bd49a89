import type {StructureSchema} from './structure.ts'

const label = '^[a-z]([a-z0-9-]*[a-z0-9])?$'
const identifier = '^[A-Za-z_][A-Za-z0-9_]*$'
const versionPattern = '^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(-[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?$'

const text: StructureSchema = {type: 'string', minLength: 1}
const cel: StructureSchema = {type: 'string', minLength: 1, description: 'a CEL expression, without ${}'}
const script: StructureSchema = {
  type: 'object',
  required: ['file'],
  additionalProperties: false,
  properties: {
    file: {type: 'string', pattern: '^files/.+', description: 'a path below files/', examples: ['files/ensure.sh']},
    timeout: {type: 'integer', minimum: 1, maximum: 50, description: 'seconds; shorter than the lease'},
  },
}

/** The schema of `package.yaml`, published as `schemas/package.schema.json`. Parameters are checked further by lib/params. */
export const manifestSchema: StructureSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://berth.dev/schemas/package.schema.json',
  title: 'package.yaml of a berth package',
  type: 'object',
  required: ['apiVersion', 'kind', 'name', 'version'],
  additionalProperties: false,
  properties: {
    apiVersion: {const: 'berth.dev/v1'},
    kind: {const: 'Package'},
    name: {
      type: 'string',
      pattern: label,
      maxLength: 40,
      description: 'lower-case letters, digits and dashes',
      examples: ['miniflux'],
    },
    version: {
      type: 'string',
      pattern: versionPattern,
      maxLength: 64,
      description: 'a semantic version such as 1.4.0, of the packaging',
      examples: ['1.0.0'],
    },
    appVersion: {type: 'string', minLength: 1, maxLength: 64, description: 'version of the application'},
    title: text,
    description: text,
    license: text,
    home: text,
    compatibility: {
      type: 'object',
      additionalProperties: false,
      properties: {kubernetes: text, upgradeFrom: {$ref: '#/$defs/range'}, downgradeTo: {$ref: '#/$defs/range'}},
    },
    images: {
      type: 'object',
      propertyNames: {pattern: identifier},
      additionalProperties: text,
      description: 'name: registry/repository:tag',
      examples: ['{app: docker.io/library/nginx:1.29}'],
    },
    parameters: {
      type: 'object',
      additionalProperties: false,
      properties: {
        required: {type: 'array', items: text, uniqueItems: true},
        properties: {
          type: 'object',
          propertyNames: {pattern: identifier, maxLength: 63},
          additionalProperties: {type: 'object'},
        },
      },
    },
    let: {type: 'object', propertyNames: {pattern: identifier}, additionalProperties: cel},
    rules: {
      type: 'array',
      items: {
        type: 'object',
        required: ['check', 'field', 'message'],
        additionalProperties: false,
        properties: {
          check: cel,
          field: {
            type: 'string',
            pattern: '^(/[^/]+)+$',
            description: 'a JSON pointer to a parameter, such as /smtp/port',
          },
          message: text,
        },
      },
    },
    components: {
      type: 'object',
      propertyNames: {pattern: label, maxLength: 40},
      additionalProperties: {$ref: '#/$defs/component'},
    },
    provides: {
      type: 'object',
      propertyNames: {pattern: label, maxLength: 22},
      additionalProperties: {$ref: '#/$defs/endpoint'},
    },
    tasks: {
      type: 'object',
      propertyNames: {pattern: label, maxLength: 40},
      additionalProperties: {$ref: '#/$defs/task'},
    },
    backup: {type: 'object', description: 'policy, quiesce and state: see docs on backups'},
    outputs: {type: 'object', propertyNames: {pattern: identifier}, additionalProperties: {$ref: '#/$defs/output'}},
    needs: {
      type: 'array',
      items: {
        type: 'object',
        required: ['what', 'why'],
        additionalProperties: false,
        properties: {what: text, why: text},
      },
    },
    notes: text,
  },
  $defs: {
    range: {type: 'object', additionalProperties: false, properties: {version: text, appVersion: text}},
    component: {
      type: 'object',
      additionalProperties: false,
      properties: {
        scale: {
          type: 'object',
          required: ['min', 'default', 'max'],
          additionalProperties: false,
          properties: {
            min: {type: 'integer', minimum: 0, maximum: 1000},
            default: {type: 'integer', minimum: 0, maximum: 1000},
            max: {type: 'integer', minimum: 1, maximum: 1000},
          },
        },
        profile: {enum: ['small', 'medium', 'large']},
        after: {type: 'array', items: text, uniqueItems: true},
      },
    },
    endpoint: {
      type: 'object',
      required: ['interface', 'component', 'port'],
      additionalProperties: false,
      properties: {
        interface: {type: 'string', pattern: label},
        version: text,
        component: text,
        port: {type: 'integer', minimum: 1, maximum: 65535},
        publish: {anyOf: [{$ref: '#/$defs/publishHttp'}, {$ref: '#/$defs/publishTcp'}]},
        allow: {
          type: 'object',
          required: ['namespaces'],
          additionalProperties: false,
          properties: {
            namespaces: {
              anyOf: [
                {type: 'string', enum: ['all', 'own']},
                {type: 'array', items: text},
              ],
            },
          },
        },
        grant: {
          type: 'object',
          required: ['run', 'ensure'],
          additionalProperties: false,
          properties: {
            run: {
              type: 'object',
              required: ['component'],
              additionalProperties: false,
              properties: {
                component: text,
                container: text,
                select: {type: 'object', additionalProperties: {type: 'string'}},
              },
            },
            ensure: {$ref: '#/$defs/script'},
            remove: {$ref: '#/$defs/script'},
            rotate: {$ref: '#/$defs/script'},
            list: {$ref: '#/$defs/script'},
            dump: {$ref: '#/$defs/script'},
            restore: {$ref: '#/$defs/script'},
          },
        },
      },
    },
    publishHttp: {
      type: 'object',
      required: ['host'],
      additionalProperties: false,
      properties: {
        host: {anyOf: [text, {type: 'array', items: text, minItems: 1}], description: 'a host name, or several'},
        path: {type: 'string', minLength: 1},
        tls: {
          anyOf: [
            {type: 'boolean'},
            {type: 'string', minLength: 1},
            {type: 'object', required: ['secret'], additionalProperties: false, properties: {secret: text}},
          ],
        },
        bodySize: text,
      },
    },
    publishTcp: {
      type: 'object',
      required: ['tcp'],
      additionalProperties: false,
      properties: {
        tcp: {
          anyOf: [
            {type: 'integer', minimum: 1, maximum: 65535},
            {type: 'string', minLength: 1},
          ],
          description: 'the public port',
        },
        via: {type: 'array', items: {enum: ['loadBalancer', 'nodePort']}, minItems: 1, uniqueItems: true},
      },
    },
    script,
    task: {
      type: 'object',
      required: ['on', 'job'],
      additionalProperties: false,
      properties: {
        on: {
          type: 'array',
          items: {enum: ['install', 'config', 'upgrade', 'restore', 'clone', 'rotate']},
          minItems: 1,
          uniqueItems: true,
        },
        when: cel,
        before: text,
        after: text,
        job: text,
        once: {type: 'boolean'},
        idempotent: {type: 'boolean'},
        timeout: {type: 'integer', minimum: 1, maximum: 86_400},
      },
    },
    output: {
      type: 'object',
      required: ['title', 'value'],
      additionalProperties: false,
      properties: {title: text, value: {type: 'string'}, secret: text},
    },
  },
}

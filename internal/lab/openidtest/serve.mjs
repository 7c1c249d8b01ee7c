// Serves an OpenID provider (npm oidc-provider) on loopback, with everything in memory, and prints its issuer when it is ready. The arguments are the folder of
// the packages and the configuration in JSON: { clientID, clientSecret, users: { LOGIN: { token: CLAIMS, userinfo: CLAIMS } } }.
//
// A request of a sign-in names its user in the header X-Login, or with X-Deny that the user ends it. There is no page to fill in.
// /test/logout-uri?uri= sets the client's backchannel_logout_uri, and /test/logout?sub=&sid= ends a session there.
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, given] = process.argv.slice(-2);
const { clientID, clientSecret, users } = JSON.parse(given);
const require = createRequire(join(folder, 'from-here.js'));
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const claims = ['nhsid_useruid', 'id_assurance_level', 'authentication_assurance_level'];
const person = ['name', 'title', 'given_name', 'family_name'];

const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: clientID, client_secret: clientSecret, application_type: 'native', redirect_uris: ['http://127.0.0.1/callback'],
    grant_types: ['authorization_code'], response_types: ['code'], token_endpoint_auth_method: 'client_secret_post',
    id_token_signed_response_alg: 'RS512', require_auth_time: true,
    backchannel_logout_uri: 'http://127.0.0.1:1/unset', backchannel_logout_session_required: true,
  }],
  jwks: { keys: [{ ...key, use: 'sig', kid: 'test' }] },
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'RS512'] },
  claims: {
    openid: ['sub', ...claims], profile: person, nationalrbacaccess: ['nhsid_nrbac_roles'],
    associatedorgs: ['nhsid_user_orgs'], selectedrole: ['selected_roleid'],
  },
  conformIdTokenClaims: false,
  scopes: ['openid', 'profile', 'nationalrbacaccess', 'associatedorgs', 'selectedrole'],
  features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  cookies: { keys: ['test'] },
  fetch: (url, { dispatcher, ...options }) => fetch(url, options), // its own refuses loopback addresses
  ttl: { AuthorizationCode: 60, AccessToken: 600, IdToken: 3600, Interaction: 600, Session: 3600, Grant: 3600 },
  findAccount: (_, id) => users[id] && {
    accountId: id, claims: (use) => ({ sub: users[id].sub ?? id, ...users[id][use === 'id_token' ? 'token' : 'userinfo'] }),
  },
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid profile nationalrbacaccess associatedorgs selectedrole');
    await grant.save();
    return grant;
  },
});

server.on('request', async (request, response) => {
  const url = new URL(request.url, issuer);
  try {
    if (url.pathname.startsWith('/interaction/')) {
      const { prompt } = await provider.interactionDetails(request, response);
      const login = request.headers['x-login'];
      let result = { login: { accountId: login, remember: false } };
      if (prompt.name === 'consent') result = { consent: {} }; // native programs are always asked
      if (request.headers['x-deny'] || !users[login]) result = { error: 'access_denied', error_description: 'the user ended the sign-in' };
      await provider.interactionFinished(request, response, result);
    } else if (url.pathname === '/test/logout-uri') {
      (await provider.Client.find(clientID)).backchannelLogoutUri = url.searchParams.get('uri');
      response.end();
    } else if (url.pathname === '/test/logout') {
      await (await provider.Client.find(clientID)).backchannelLogout(url.searchParams.get('sub'), url.searchParams.get('sid'));
      response.end();
    } else {
      provider.callback()(request, response);
    }
  } catch (err) {
    response.statusCode = 500;
    response.end(`${err} ${err.cause ?? ""}`);
  }
});
console.log(`${issuer} is ready`);

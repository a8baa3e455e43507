// A certified OpenID Connect provider (npm oidc-provider), set up with the claims of OIDC Sweden 1.0 and two of the
// official test persons, and with staff. Run by `python -m bench.peers.oidc_provider`; argument: {port, back, keys, letter} as JSON.
import http from 'node:http';
import crypto from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const { port, back, keys, letter, secret } = JSON.parse(process.argv[2]);
const entry = createRequire(path.join(process.cwd(), 'x.js')).resolve('oidc-provider');
const { default: Provider, interactionPolicy } = await import(pathToFileURL(entry).href);

const CLAIM = 'https://id.oidc.se/claim/';
const LOA = 'http://id.elegnamnden.se/loa/1.0/loa';
const SCOPE = 'https://id.oidc.se/scope/naturalPersonNumber';
const PEOPLE = {
  patient: { personalIdentityNumber: '199202232394', previousCoordinationNumber: '191500722390' },
  newcomer: { coordinationNumber: '196109732393', coordinationNumberLevel: 'confirmed' },
};
const SAMBI = 'http://id.sambi.se/loa/loa';
const STAFF = {
  nurse: {
    employeeHsaId: 'SE2321000115-P000000000001',
    commissionHsaId: 'SE2321000115-U000000000001',
    commissionPurpose: 'Vård och behandling',
    commissionRight: ['Läsa;VoB;SJF', 'Skriva;VoB;VE'],
    healthCareUnitHsaId: 'SE2321000115-E000000000001',
    given_name: 'Anna',
    family_name: 'Test',
  },
  clerk: { employeeHsaId: 'SE2321000115-P000000000002' },
};
const OF_STAFF = Object.keys(STAFF.nurse);
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];

function signingKey(type, options) {
  return { ...crypto.generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig' };
}

function client(id, how) {
  return {
    client_id: id,
    redirect_uris: [back],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    require_auth_time: letter, // auth_time in every ID token: OIDC Sweden 1.0, 3.2.1
    ...how,
  };
}

const policy = interactionPolicy.base();
policy.remove('consent');
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    ...ALGORITHMS.map((alg) => client(`key-${alg}`, {
      token_endpoint_auth_method: 'private_key_jwt', jwks: keys, id_token_signed_response_alg: alg,
    })),
    client('secret', {
      token_endpoint_auth_method: 'client_secret_basic', client_secret: secret, id_token_signed_response_alg: 'ES256',
    }),
  ],
  jwks: {
    keys: [
      signingKey('rsa', { modulusLength: 2048 }),
      ...['P-256', 'P-384', 'P-521'].map((namedCurve) => signingKey('ec', { namedCurve })),
      signingKey('ed25519'),
      { ...signingKey('x25519'), use: 'enc' },
    ],
  },
  enabledJWA: { idTokenSigningAlgValues: ALGORITHMS, clientAuthSigningAlgValues: ['RS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519'] },
  clientAuthMethods: ['private_key_jwt', 'client_secret_basic'],
  scopes: ['openid', SCOPE],
  claims: {
    openid: ['sub'],
    [SCOPE]: [`${CLAIM}personalIdentityNumber`, `${CLAIM}coordinationNumber`],
    [`${CLAIM}coordinationNumberLevel`]: null,
    [`${CLAIM}previousCoordinationNumber`]: null,
    ...Object.fromEntries(OF_STAFF.map((name) => [name, null])),
    acr: null,
    auth_time: null,
  },
  acrValues: [LOA, SAMBI].flatMap((levels) => [2, 3, 4].map((level) => `${levels}${level}`)),
  conformIdTokenClaims: !letter, // as OpenID Connect alone has it: what a scope asks for stands in UserInfo only
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false }, encryption: { enabled: true }, claimsParameter: { enabled: true } },
  interactions: { policy, url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  cookies: { keys: [crypto.randomBytes(32).toString('hex')] },
  async loadExistingGrant(ctx) {
    const { Grant } = ctx.oidc.provider;
    const grant = new Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope(`openid ${SCOPE}`);
    grant.addOIDCClaims([
      ...['personalIdentityNumber', 'coordinationNumber', 'coordinationNumberLevel', 'previousCoordinationNumber']
        .map((name) => `${CLAIM}${name}`),
      ...OF_STAFF, 'acr', 'auth_time',
    ]);
    await grant.save();
    return grant;
  },
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: async () => ({
      sub: id,
      ...STAFF[id],
      ...Object.fromEntries(Object.entries(PEOPLE[id] ?? {}).map(([name, value]) => [`${CLAIM}${name}`, value])),
    }),
  }),
});

// Where a person would log in: /interaction/<uid> says what is asked, /interaction/<uid>/<person>/<level> logs in,
// /interaction/<uid>/cancel goes back.
async function interaction(request, response, [uid, person, level]) {
  const { prompt } = await provider.interactionDetails(request, response);
  if (!person) {
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify({ uid, prompt: prompt.name, reasons: prompt.reasons }));
  }
  const result = person === 'cancel'
    ? { error: 'access_denied' }
    : { login: { accountId: person, acr: `${STAFF[person] ? SAMBI : LOA}${level}` } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const answer = provider.callback();
http.createServer((request, response) => {
  const parts = new URL(request.url, 'http://x').pathname.split('/').slice(1);
  if (parts[0] !== 'interaction') return answer(request, response);
  return interaction(request, response, parts.slice(1)).catch((error) => {
    response.statusCode = 500;
    response.end(error.message);
  });
}).listen(port, '127.0.0.1', () => console.log('listening'));

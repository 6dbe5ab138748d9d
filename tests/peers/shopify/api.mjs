// npm @shopify/shopify-api: what the client sees of the twin, as JSON on stdout.
import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.NODE_PATH}/`);
require('@shopify/shopify-api/adapters/node');
const { shopifyApi, Session, RequestedTokenType, DeliveryMethod, LogSeverity } = require('@shopify/shopify-api');

const env = process.env;
const shop = env.SHOPIFY_SHOP_DOMAIN;
const logged = [];
const shopify = shopifyApi({
  apiKey: env.SHOPIFY_API_KEY,
  apiSecretKey: env.SHOPIFY_API_SECRET,
  scopes: ['read_orders'],
  hostName: 'hotdash.example',
  hostScheme: 'https',
  apiVersion: '2026-07',
  isEmbeddedApp: true,
  logger: { level: LogSeverity.Warning, log: (_, message) => { logged.push(message); } },
});
const session = new Session({ id: '1', shop, state: '', isOnline: false, accessToken: env.SHOPIFY_ADMIN_TOKEN });
const seen = {};

async function fails(work) {
  try {
    await work();
    return { kind: 'nothing' };
  } catch (error) {
    return { kind: error.constructor.name, error };
  }
}

const graphql = new shopify.clients.Graphql({ session });
const shown = await graphql.request('query ($first: Int!) { shop { myshopifyDomain } products(first: $first) { nodes { title } } }', {
  variables: { first: 2 },
});
seen.shop = shown.data.shop.myshopifyDomain;
seen.products = shown.data.products.nodes.length;
seen.cost = typeof shown.extensions.cost.requestedQueryCost;
seen.servedVersion = shown.headers['X-Shopify-Api-Version'] ?? shown.headers['x-shopify-api-version'];

const invalid = await fails(() => graphql.request('{ orders(first: 1) { nodes { financialStatus } } }'));
seen.invalid = [invalid.kind, invalid.error.body?.errors?.graphQLErrors?.[0]?.extensions?.code];
const denied = await fails(() => graphql.request('mutation { inventoryItemUpdate(id: "gid://shopify/InventoryItem/908950810", input: {}) { userErrors { message } } }'));
seen.denied = [denied.kind, denied.error.body?.errors?.graphQLErrors?.[0]?.extensions?.code];
const stranger = new shopify.clients.Graphql({ session: new Session({ ...session.toObject(), accessToken: 'shpat_wrong' }) });
const refused = await fails(() => stranger.request('{ shop { name } }'));
seen.refused = [refused.kind, refused.error.response?.code];

const rest = new shopify.clients.Rest({ session });
const first = await rest.get({ path: 'products', query: { limit: 2 } });
const second = await rest.get(first.pageInfo.nextPage);
const third = await rest.get(second.pageInfo.nextPage);
seen.pages = [first, second, third].map((page) => page.body.products.length);
seen.lastPage = third.pageInfo.nextPage === undefined;
seen.previous = (await rest.get(second.pageInfo.prevPage)).body.products.length;
const missing = await fails(() => rest.get({ path: 'products/1' }));
seen.missing = [missing.kind, missing.error.response?.code];
const unprocessable = await fails(() => rest.put({ path: `products/${env.SHOPIFY_PRODUCT_ID}`, data: { product: { title: '' } } }));
seen.unprocessable = [unprocessable.kind, unprocessable.error.response?.code, unprocessable.error.response?.body?.errors];

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
function sessionToken(secret) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: `https://${shop}/admin`, dest: `https://${shop}`, aud: env.SHOPIFY_API_KEY, sub: '1', exp: now + 60, nbf: now - 5, iat: now - 5, jti: '1', sid: '1' };
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
const exchanged = await shopify.auth.tokenExchange({
  shop, sessionToken: sessionToken(env.SHOPIFY_API_SECRET), requestedTokenType: RequestedTokenType.OfflineAccessToken, expiring: true,
});
seen.exchanged = [exchanged.session.isOnline, exchanged.session.scope.includes('read_orders'), Boolean(exchanged.session.refreshToken)];
const fresh = new shopify.clients.Graphql({ session: exchanged.session });
seen.exchangedWorks = (await fresh.request('{ shop { myshopifyDomain } }')).data.shop.myshopifyDomain;
const refreshed = await shopify.auth.refreshToken({ shop, refreshToken: exchanged.session.refreshToken });
seen.rotated = refreshed.session.refreshToken !== exchanged.session.refreshToken;
const spent = await fails(() => shopify.auth.refreshToken({ shop, refreshToken: exchanged.session.refreshToken }));
seen.spent = [spent.kind, spent.error.response?.code, spent.error.response?.body?.error];
const online = await shopify.auth.tokenExchange({
  shop, sessionToken: sessionToken(env.SHOPIFY_API_SECRET), requestedTokenType: RequestedTokenType.OnlineAccessToken,
});
seen.online = [online.session.isOnline, online.session.onlineAccessInfo.associated_user.email];
seen.clientCredentials = Boolean((await shopify.auth.clientCredentials({ shop })).session.accessToken);

shopify.webhooks.addHandlers({
  PRODUCTS_UPDATE: [{ deliveryMethod: DeliveryMethod.Http, callbackUrl: '/webhooks/products', callback: async () => {} }],
  THEMES_PUBLISH: [{ deliveryMethod: DeliveryMethod.Http, callbackUrl: '/webhooks/themes', callback: async () => {} }],
});
const registered = await shopify.webhooks.register({ session });
seen.registered = { products: registered.PRODUCTS_UPDATE[0].success, themes: registered.THEMES_PUBLISH[0].success };
const again = await shopify.webhooks.register({ session });
seen.registeredAgain = again.PRODUCTS_UPDATE.length;

for (let call = 0; call < 45; call += 1) {
  const throttled = await fails(() => rest.get({ path: 'shop' }));
  if (throttled.kind !== 'nothing') {
    seen.throttled = [throttled.kind, throttled.error.response?.code, throttled.error.response?.retryAfter];
    break;
  }
}
seen.deprecationLogged = logged.some((message) => message.includes('Deprecation'));
console.log(JSON.stringify(seen));

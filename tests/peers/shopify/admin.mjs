// npm @shopify/admin-api-client: what the client sees of the twin, as JSON on stdout.
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.NODE_PATH}/`);
const { createAdminApiClient } = require('@shopify/admin-api-client');

const env = process.env;
const client = (accessToken, apiVersion) => createAdminApiClient({
  storeDomain: env.SHOPIFY_SHOP_DOMAIN, apiVersion, accessToken, logger: () => {},
});
const app = client(env.SHOPIFY_ADMIN_TOKEN, '2026-07');
const seen = {};

const shown = await app.request('query Q($id: ID!) { product(id: $id) { title variants(first: 5) { edges { node { sku } } } } }', {
  variables: { id: `gid://shopify/Product/${env.SHOPIFY_PRODUCT_ID}` },
});
seen.product = shown.data.product.title;
seen.variants = shown.data.product.variants.edges.length;
seen.errors = shown.errors ?? null;
seen.cost = shown.extensions.cost;

const invalid = await app.request('{ shop { nope } }');
seen.invalid = [invalid.errors.networkStatusCode, invalid.errors.graphQLErrors[0].extensions.code, invalid.data ?? null];
const refused = await client('shpat_wrong', '2026-07').request('{ shop { name } }');
seen.refused = [refused.errors.networkStatusCode, refused.errors.message.includes('Unauthorized')];
const costly = await app.request('{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { id } } } } }');
seen.costly = costly.errors.graphQLErrors[0].extensions.code;
const old = await client(env.SHOPIFY_ADMIN_TOKEN, '2025-10').fetch('{ shop { name } }');
seen.old = [old.status, old.headers.get('x-shopify-api-version')];

console.log(JSON.stringify(seen));

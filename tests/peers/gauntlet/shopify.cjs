// npm @shopify/admin-api-client with its retries switched on (it has none unless asked): a query and a mutation.
// It knows https and the shop's domain only, so its fetch is pointed at the twin.
const { createAdminApiClient } = require('@shopify/admin-api-client');

const { SHOPIFY_SHOP_DOMAIN, SHOPIFY_ADMIN_TOKEN, SHOPIFY_PRODUCT_ID, PREFLIGHT_URL } = process.env;

async function main() {
  const client = createAdminApiClient({
    storeDomain: SHOPIFY_SHOP_DOMAIN,
    apiVersion: '2026-07',
    accessToken: SHOPIFY_ADMIN_TOKEN,
    retries: 3,
    logger: () => {},
    customFetchApi: (url, init) => fetch(String(url).replace(`https://${SHOPIFY_SHOP_DOMAIN}`, PREFLIGHT_URL), init),
  });
  const product = `gid://shopify/Product/${SHOPIFY_PRODUCT_ID}`;
  const answers = [
    await client.request('query Q($id: ID!) { product(id: $id) { title } }', { variables: { id: product } }),
    await client.request(
      'mutation M($product: ProductUpdateInput!) { productUpdate(product: $product) { userErrors { message } } }',
      { variables: { product: { id: product, title: 'AN-8 fuel line kit' } } },
    ),
  ];
  const failed = answers.find((answer) => answer.errors);
  if (failed) throw new Error(JSON.stringify(failed.errors));
}

main().catch((error) => {
  console.error(`${error.name}: ${error.message}`);
  process.exit(1);
});

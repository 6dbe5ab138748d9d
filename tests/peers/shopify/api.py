"""PyPI ShopifyAPI: what the client sees of the twin, as JSON on stdout.

The client knows https and the shop's own host only, and stays unchanged: the name is resolved to the twin, which serves TLS
under it; SSL_CERT_FILE makes Python trust the certificate.
"""

import json
import os
import socket
from urllib.parse import urlsplit

import pyactiveresource.connection
import shopify

TWIN = urlsplit(os.environ["SHOPIFY_STORE_URL"])
SHOP = os.environ["SHOPIFY_SHOP_DOMAIN"]
_create_connection = socket.create_connection


def create_connection(address, *args, **kwargs):
    if address[0].endswith(".myshopify.com"):
        address = (TWIN.hostname, TWIN.port)
    return _create_connection(address, *args, **kwargs)


socket.create_connection = create_connection

seen = {}
shopify.Session.setup(api_key=os.environ["SHOPIFY_API_KEY"], secret=os.environ["SHOPIFY_API_SECRET"])
session = shopify.Session(SHOP, "2026-10", os.environ["SHOPIFY_ADMIN_TOKEN"])
shopify.ShopifyResource.activate_session(session)

shop = shopify.Shop.current()
seen["shop"] = shop.myshopify_domain
seen["call_limit"] = shopify.Limits.credit_limit()
seen["calls_left"] = shopify.Limits.credit_left() < 40

products = shopify.Product.find(limit=2)
titles = [product.title for product in products]
while products.has_next_page():
    products = products.next_page()
    titles += [product.title for product in products]
seen["products"] = len(titles)
seen["distinct"] = len(set(titles))

product = shopify.Product.find(os.environ["SHOPIFY_PRODUCT_ID"])
seen["variants"] = len(product.variants)
product.title = "Fuel line kit"
seen["saved"] = product.save()
seen["title"] = shopify.Product.find(product.id).title
product.title = ""
seen["saved_blank"] = product.save()
seen["messages"] = product.errors.full_messages()

seen["orders"] = [order.name for order in shopify.Order.find(status="any", financial_status="paid")]
seen["count"] = shopify.Order.count(status="any")
seen["scopes"] = "read_orders" in [scope.handle for scope in shopify.AccessScope.find()]

webhook = shopify.Webhook.create({"topic": "orders/create", "address": "https://hotdash.example/h", "format": "json"})
seen["webhook"] = webhook.topic
seen["webhooks"] = sorted(hook.topic for hook in shopify.Webhook.find())
webhook.destroy()
seen["webhooks_left"] = len(shopify.Webhook.find())

answer = json.loads(shopify.GraphQL().execute("query Q($n: Int!) { orders(first: $n) { edges { node { name } } } }", {"n": 3}, "Q"))
seen["graphql"] = len(answer["data"]["orders"]["edges"])
seen["invalid"] = json.loads(shopify.GraphQL().execute("{ shop { nope } }"))["errors"][0]["extensions"]["code"]

try:
    shopify.Product.find(1)
except pyactiveresource.connection.ResourceNotFound as error:
    seen["missing"] = error.response.code

token = shopify.Session(SHOP, "2026-10").request_token
params = {"code": os.environ["SHOPIFY_AUTH_CODE"], "shop": SHOP, "timestamp": "%d" % __import__("time").time()}
params["hmac"] = shopify.Session.calculate_hmac(params)
seen["token"] = token(params).startswith("shpat_")

shopify.ShopifyResource.activate_session(shopify.Session(SHOP, "2026-10", "shpat_wrong"))
try:
    shopify.Shop.current()
except pyactiveresource.connection.UnauthorizedAccess as error:
    seen["refused"] = error.response.code

shopify.ShopifyResource.activate_session(session)
try:
    for _ in range(60):
        shopify.Shop.current()
except pyactiveresource.connection.ClientError as error:
    seen["throttled"] = [error.response.code, error.response.headers["Retry-After"]]

print(json.dumps(seen))

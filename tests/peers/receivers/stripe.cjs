// A receiver of Stripe's events as its documentation writes one: the raw body, constructEvent, each event once.
const http = require('node:http');
const Stripe = require('stripe');

const stripe = new Stripe('sk_test_unused');
const secret = process.env.SECRET;
const seen = new Set();
let effects = 0;

function answer(response, status, text) {
  response.writeHead(status, { 'content-type': 'text/plain' });
  response.end(text);
}

function receive(request, response, body) {
  let event;
  try {
    event = stripe.webhooks.constructEvent(body, request.headers['stripe-signature'], secret);
  } catch {
    return answer(response, 400, 'untrusted');
  }
  if (event.type === 'payment_intent.succeeded' && !seen.has(event.id)) {
    seen.add(event.id);
    effects += 1;
  }
  answer(response, 200, 'ok');
}

const server = http.createServer((request, response) => {
  if (request.url === '/effects') {
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify({ count: effects }));
  }
  if (request.method !== 'POST') return answer(response, 405, 'POST it');
  const pieces = [];
  let length = 0;
  request.on('data', (piece) => {
    length += piece.length;
    if (length <= 1 << 20) pieces.push(piece);
  });
  request.on('end', () => {
    if (length > 1 << 20) return answer(response, 413, 'too large');
    receive(request, response, Buffer.concat(pieces));
  });
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));

// A receiver of Stripe's events as its documentation writes one: the raw body, constructEvent, each event once.
const Stripe = require('stripe');
const { answer, serve } = require('./server.cjs');

const stripe = new Stripe('sk_test_unused');
const secret = process.env.SECRET;
const seen = new Set();
let effects = 0;

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

serve(receive, () => effects);

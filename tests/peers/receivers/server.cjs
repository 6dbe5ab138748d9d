// What the receivers share: a server that counts effects, and hands on a whole POST that is not too large.
const http = require('node:http');

function answer(response, status, text) {
  response.writeHead(status, { 'content-type': 'text/plain' });
  response.end(text);
}

function serve(receive, effects) {
  const server = http.createServer((request, response) => {
    if (request.url === '/effects') {
      response.writeHead(200, { 'content-type': 'application/json' });
      return response.end(JSON.stringify({ count: effects() }));
    }
    if (request.method !== 'POST') return answer(response, 405, 'POST it');
    const pieces = [];
    let length = 0;
    request.on('data', (piece) => {
      length += piece.length;
      if (length <= 1 << 20) pieces.push(piece);
    });
    request.on('end', async () => {
      if (length > 1 << 20) return answer(response, 413, 'too large');
      try {
        await receive(request, response, Buffer.concat(pieces));
      } catch {
        answer(response, 500, 'failed');
      }
    });
  });
  server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
}

module.exports = { answer, serve };

<?php
// bench.php: the benchmark's requests on PHP-FPM: hash_hmac and a persistent PDO connection.
function b64($bytes) { return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '='); }
function unb64($text) { return base64_decode(strtr($text, '-_', '+/')); }
function sign($text) { return hash_hmac('sha256', $text, getenv('BENCH_SECRET'), true); }
function answer($status, $body) {
    http_response_code($status);
    header('Content-Type: application/json');
    echo json_encode($body);
}
switch (strtok($_SERVER['REQUEST_URI'], '?')) {
case '/hello':
    answer(200, ['hello' => 'world']);
    break;
case '/api/v1/token':
    $now = time();
    $text = b64('{"alg":"HS256","typ":"JWT"}') . '.' .
        b64(json_encode(['table_name' => 'users', 'id' => 1, 'iat' => $now, 'exp' => $now + 86400]));
    answer(200, ['token' => $text . '.' . b64(sign($text))]);
    break;
case '/api/v1/me':
    $parts = explode('.', substr($_SERVER['HTTP_AUTHORIZATION'] ?? '', 7));
    if (count($parts) != 3 || !hash_equals(sign("$parts[0].$parts[1]"), unb64($parts[2]))) {
        answer(401, (object)[]);
        break;
    }
    $claims = json_decode(unb64($parts[1]), true);
    if ($claims['exp'] <= time()) {
        answer(401, (object)[]);
        break;
    }
    $pdo = new PDO('mysql:dbname=bench;unix_socket=' . getenv('BENCH_SOCKET'), 'root', '',
                   [PDO::ATTR_PERSISTENT => true]);
    $query = $pdo->prepare('SELECT id, name FROM users WHERE id = ?');
    $query->execute([$claims['id']]);
    answer(200, $query->fetch(PDO::FETCH_ASSOC));
    break;
default:
    answer(404, (object)[]);
}
